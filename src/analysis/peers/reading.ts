/** Reads a run as one tool would have seen it. */
import type { RecordedRun } from '../../core/run.ts';
import type { Definition } from '../definitions.ts';
import { type RequestTable, readRequests } from '../request-table.ts';
import type { Peer, Reading } from './peer.ts';

/** Reads the run once or twice. */
export function readAs(run: RecordedRun, peer: Peer): Reading {
  const definition = definitionOf(peer);
  const table = readRequests(run, definition);
  const rows = peer.attempts === 'each' ? table.bySent : lastAttempts(table);
  return {
    run,
    table,
    endUs: endsOf(run, table, peer),
    rows,
    successes: rows.filter((row) => table.success[row] === 1),
  };
}

function endsOf(run: RecordedRun, table: RequestTable, { points, ends }: Peer): Float64Array {
  const whole = (row: number) => (table.endMs[row] - table.sentMs[row]) * 1000;
  if (ends === 'response') return Float64Array.from(table.endMs, (_, row) => whole(row));
  const lastUs =
    ends === points ? table.lastUs : readRequests(run, { ...table.definition, isPoint: ends }).lastUs;
  return lastUs.map((last, row) => (Number.isNaN(last) ? whole(row) : last));
}

/** Rows that no later attempt of the same request has replaced. */
function lastAttempts(table: RequestTable): Uint32Array {
  const last = new Map<number, number>();
  for (let row = 0; row < table.count; row++) {
    const attempt = table.attempt[row];
    if (attempt > (last.get(table.index[row]) ?? 0)) last.set(table.index[row], attempt);
  }
  return table.bySent.filter((row) => table.attempt[row] === (last.get(table.index[row]) ?? 0));
}

/** The part of a tool's definition that reading the records needs. */
function definitionOf({ points, minPoints }: Pick<Peer, 'points' | 'minPoints'>): Definition {
  return {
    name: 'product',
    isPoint: points,
    minPoints,
    shortTpot: Number.NaN,
    instantPrefill: Number.NaN,
    countMovingOnly: false,
    failuresTakeTime: true,
    countsEventTokens: false,
  };
}
