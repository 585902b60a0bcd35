/** What a tool's definition is: which events are its time points, what ends a request, and what it makes of them. */

import type { DifferenceCause, ToolFigures } from '../../core/explanation.ts';
import { KIND, LAST_OUTPUT_KIND } from '../../core/records.ts';
import type { RecordedRun } from '../../core/run.ts';
import type { RequestTable } from '../request-table.ts';

/** A run as one tool would have seen it. */
export interface Reading {
  run: RecordedRun;
  table: RequestTable;
  /** E2EL in µs from `sentMs`, one a row: to the event that ends it, or to the response's end when there is none. */
  endUs: Float64Array;
  /** Rows that the tool takes notice of, in the order they were sent. */
  rows: Uint32Array;
  /** Those of them that it counts as successes. */
  successes: Uint32Array;
}

export interface Peer {
  title: string;
  /** Which version was read. */
  basis: string;
  /** Its time points: the first ends TTFT, the gaps between them are ITL. */
  points: KindSet;
  /** In words, for the reader: what its first time point is. */
  firstPoint: string;
  /** The last event of these kinds ends E2EL; `response`: the end of the response does. */
  ends: KindSet | 'response';
  /** In words: what ends E2EL. */
  lastPoint: string;
  /** Fewer time points than this and a response that ended well is no success. */
  minPoints: number;
  /** `each`: a retry is a request of its own; `last`: only the last attempt of a request exists. */
  attempts: 'each' | 'last';
  /** Or in one line why there is nothing to measure. */
  measure(reading: Reading): ToolFigures | string;
  /** Differences that its formulas make; those that change nothing in this run are not shown. */
  formulas(reading: Reading): readonly DifferenceCause[];
}

/** 1 at every kind that belongs. */
export type KindSet = Uint8Array;

/** Generated output: text, reasoning, tool calls. */
export const outputEvents = kindsWhere((kind) => kind <= LAST_OUTPUT_KIND);
/** Text alone. */
export const textEvents = kindsWhere((kind) => kind === KIND.text);
/** Text or reasoning, no tool call. */
export const spokenEvents = kindsWhere((kind) => kind === KIND.text || kind === KIND.reasoning);
/** Everything with `choices`: the role chunk, empty deltas and the finish chunk too, but no usage. */
export const choiceEvents = kindsWhere(
  (kind) => kind <= LAST_OUTPUT_KIND || kind === KIND.role || kind === KIND.finish || kind === KIND.other,
);
/** Everything that is JSON: usage and errors too. */
export const jsonEvents = kindsWhere((kind) => kind !== KIND.comment && kind !== KIND.done);
/** Everything but comments: the end mark too. */
export const dataEvents = kindsWhere((kind) => kind !== KIND.comment);

function kindsWhere(test: (kind: number) => boolean): KindSet {
  return Uint8Array.from({ length: 256 }, (_, kind) => (kind > 0 && test(kind) ? 1 : 0));
}
