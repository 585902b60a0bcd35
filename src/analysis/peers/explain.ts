/** A recorded run under every tool's definition, and why the numbers differ. */
import type { Explanation, ToolExplanation } from '../../core/explanation.ts';
import type { RecordedRun } from '../../core/run.ts';
import { importNotes } from '../notes.ts';
import { withoutHold } from '../without-hold.ts';
import { causesOf, type Measured } from './causes.ts';
import type { Peer } from './peer.ts';
import { readAs } from './reading.ts';
import { peers } from './registry.ts';

/** Reads the run one to four times a tool; the same records give the same numbers. No tool holds its load, so a hold is left out. */
export function explain(recorded: RecordedRun): Explanation {
  const run = withoutHold(recorded);
  const [first, ...others] = Object.values(peers) as Peer[];
  const reference = measuredBy(first, run);
  return {
    notes: importNotes(run),
    tools: [toolOf(reference, null), ...others.map((peer) => toolOf(measuredBy(peer, run), reference))],
  };
}

function measuredBy(peer: Peer, run: RecordedRun): Measured {
  const reading = readAs(run, peer);
  const found = peer.measure(reading);
  return { peer, reading, found };
}

function toolOf(measured: Measured, reference: Measured | null): ToolExplanation {
  const { peer, found } = measured;
  const figures = typeof found === 'string' ? null : found;
  return {
    tool: peer.title,
    basis: peer.basis,
    figures,
    reason: typeof found === 'string' ? found : null,
    causes: reference === null || figures === null ? [] : causesOf(measured, reference),
  };
}
