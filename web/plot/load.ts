/** The run as the page holds it: the data element unpacked, times in seconds after the run's start. */
import { OUTCOME } from '../../src/core/records.ts';
import type { PlotData } from '../../src/reporters/plot.ts';
import { decodeTimeline } from '../../src/reporters/plot-columns.ts';

/** One entry per attempt in order of sending. NaN where there is nothing. */
export interface Requests {
  count: number;
  failed: number;
  cancelled: number;
  retries: number;
  index: Float64Array;
  attempt: Float64Array;
  outcome: Float64Array;
  sent: Float64Array;
  firstToken: Float64Array;
  lastToken: Float64Array;
  end: Float64Array;
  inTokens: Float64Array;
  outTokens: Float64Array;
  /** Without streaming there is no first token to show. */
  stream: boolean;
  /** When the last one ended. */
  endsAt: number;
}

export async function loadRun(data: PlotData): Promise<Requests> {
  const bytes = await unpack(data.timeline);
  const c = decodeTimeline(bytes, data.count);
  const seconds = (us: Float64Array) => us.map((value) => value / 1e6);
  const end = seconds(c.endUs);
  return {
    count: data.count,
    failed: countWhere(c.outcome, (o) => o !== OUTCOME.ok && o !== OUTCOME.cancelled),
    cancelled: countWhere(c.outcome, (o) => o === OUTCOME.cancelled),
    retries: countWhere(c.attempt, (a) => a > 0),
    index: c.index,
    attempt: c.attempt,
    outcome: c.outcome,
    sent: seconds(c.sentUs),
    firstToken: seconds(c.firstTokenUs),
    lastToken: seconds(c.lastTokenUs),
    end,
    inTokens: c.inTokens,
    outTokens: c.outTokens,
    stream: data.stream,
    endsAt: end.reduce((most, value) => Math.max(most, value), 0),
  };
}

function countWhere(values: Float64Array, test: (value: number) => boolean): number {
  return values.reduce((sum, value) => sum + (test(value) ? 1 : 0), 0);
}

/** The bytes that a report packed: raw-deflated, in base64. */
export function unpack(text: string): Promise<Uint8Array> {
  return inflate(fromBase64(text));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
