/** Which events count as tokens, and what a request without enough of them is worth: two readings of one record. */
import { KIND, LAST_OUTPUT_KIND, OUTCOME } from '../core/records.ts';

export interface Definition {
  name: 'product' | 'upstream';
  /** 1 at every event kind that is a time point; the first point is the first token, the last one ends E2EL. */
  isPoint: Uint8Array;
  /** Fewer points than this and a response that ended well is no success. */
  minPoints: number;
  /** TPOT of a request with fewer than 2 tokens; NaN leaves it out. */
  shortTpot: number;
  /** Prefill throughput of a request whose TTFT is 0; NaN leaves it out. */
  instantPrefill: number;
  /** N of TPOT and ITL counts only requests with a gap above 0, whatever values the row holds. */
  countMovingOnly: boolean;
  /** A failed attempt takes part in the span of the run and in Concurrency with the time its slot was taken. */
  failuresTakeTime: boolean;
  /** Where the service told how many tokens each event brought, a gap counts once for each of its tokens. */
  countsEventTokens: boolean;
}

/** Generated output is a token, nothing else is; what is undefined is left out. */
const product: Definition = {
  name: 'product',
  isPoint: pointsWhere((kind) => kind >= 1 && kind <= LAST_OUTPUT_KIND),
  minPoints: 0,
  shortTpot: Number.NaN,
  instantPrefill: Number.NaN,
  countMovingOnly: false,
  failuresTakeTime: true,
  countsEventTokens: true,
};

/**
 * The reading of AISBench 3.1.0: every event that is not a comment and not the end mark is a time point
 * (role-only and usage chunks too), undefined figures are 0, and failures do not exist for time.
 */
const upstream: Definition = {
  name: 'upstream',
  isPoint: pointsWhere((kind) => kind !== KIND.comment && kind !== KIND.done),
  minPoints: 1,
  shortTpot: 0,
  instantPrefill: 0,
  countMovingOnly: true,
  failuresTakeTime: false,
  countsEventTokens: false,
};

export const definitions = { product, upstream } as const satisfies Record<string, Definition>;
export type DefinitionsName = keyof typeof definitions;

/** True when an attempt counts as a success under the definition. */
export function isSuccess(definition: Definition, outcome: number, points: number): boolean {
  return outcome === OUTCOME.ok && points >= definition.minPoints;
}

function pointsWhere(test: (kind: number) => boolean): Uint8Array {
  const table = new Uint8Array(256);
  for (let kind = 1; kind < 256; kind++) table[kind] = test(kind) ? 1 : 0;
  return table;
}
