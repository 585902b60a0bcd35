/** What a reader must know before believing the tables, one plain sentence each. */

import { cacheText, repeatText } from '../core/cache-text.ts';
import { outcomes, tokenSources } from '../core/records.ts';
import type { RecordedRun, RunInfo } from '../core/run.ts';
import type { Interval } from '../core/summary.ts';
import { formatPercent } from '../core/text/format-numbers.ts';
import { e2elUs, isCycled, isEmptyAnswer, knownTokens, type RequestTable } from './request-table.ts';

interface Stage {
  name: 'total' | 'stable';
  interval: Interval;
  members: Uint32Array;
  /** Concurrency before it was cut to Max Concurrency. */
  unclampedConcurrency: number;
}

export function notesOf(run: RecordedRun, table: RequestTable, stage: Stage | null): string[] {
  return [
    ...importNotes(run),
    ...endNotes(run),
    ...cacheNotes(run, table),
    ...failureNotes(table),
    ...answerNotes(table),
    ...tokenNotes(run, table),
    ...(stage ? stageNotes(run, table, stage) : []),
  ];
}

/** What the log that the run was made of does not hold. */
export function importNotes({ info: { imported } }: RecordedRun): string[] {
  if (imported === undefined) return [];
  return imported.unknown.map((line) => `Not in the log of ${imported.from}: ${line}`);
}

function cacheNotes({ info: { cache, samples } }: RecordedRun, table: RequestTable): string[] {
  if (cache === undefined) return [];
  if (cache.policy !== 'as-is') return [`Prefix cache: ${cacheText(cache)}.`];
  const repeated = repeatText(cache, samples, isCycled(table, samples));
  return repeated === '' ? [] : [`Prefix cache: ${cacheText(cache)}: ${repeated}.`];
}

function endNotes({ info, end }: RecordedRun): string[] {
  if (end === null) {
    return ['The run was killed before it ended. Requests in flight at that moment are not recorded.'];
  }
  const notes: string[] = [];
  if (end.stoppedEarly !== undefined)
    notes.push(`The run ended early: ${end.stoppedEarly} The figures cover what was collected until then.`);
  if (end.interrupted)
    notes.push('The run was interrupted; the figures cover what was collected until then.');
  if (end.beside && end.beside.length > 0) {
    notes.push(
      `Not measured alone: ${end.beside.join(', ')} ran at the same time (--max-num-workers) and shared this client, and the service if it has the same address.`,
    );
  }
  if (end.measuredMs !== undefined) {
    notes.push(
      `From ${(end.measuredMs / 1000).toFixed(3)} s on, requests were sent only to keep the load constant while measured requests finished. They count toward concurrency and nothing else.`,
    );
  }
  if (end.resent !== undefined) {
    notes.push(
      `${end.resent} requests were sent again on a new connection, because the service had closed a connection that it had offered to keep open. Their times count from the second sending.`,
    );
  }
  if (end.slotsOpened < info.batchSize) {
    notes.push(
      `Only ${end.slotsOpened} of ${info.batchSize} clients had started when sending stopped. Raise ${paceOf(info)}, WORKERS_NUM, or --pressure-time.`,
    );
  }
  return notes;
}

/** The keys that say how fast the clients of a stress test are added. */
function paceOf({ schedule }: RunInfo): string {
  const isRamp = schedule.kind === 'pressure' && schedule.traffic?.ramp !== undefined;
  return isRamp ? 'ramp_up_start_rps and ramp_up_end_rps of traffic_cfg' : 'request_rate';
}

function failureNotes(table: RequestTable): string[] {
  const counts = new Map<string, number>();
  let retries = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.attempt[row] > 0) retries++;
    if (table.success[row] === 1) continue;
    const outcome = outcomes[table.outcome[row]];
    const name = outcome === 'ok' ? 'without output' : outcome;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const notes: string[] = [];
  const failed = [...counts.values()].reduce((sum, n) => sum + n, 0);
  if (failed > 0) {
    const kinds = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => `${name} ${n}`);
    notes.push(`${failed} of ${table.count} requests of the run failed (${kinds.join(', ')}).`);
  }
  if (retries > 0)
    notes.push(`${retries} of ${table.count} requests are retries, which count as requests of their own.`);
  return notes;
}

/** Successes that are not what one expects of an answer. */
function answerNotes(table: RequestTable): string[] {
  const notes: string[] = [];
  let empty = 0;
  for (let row = 0; row < table.count; row++) if (isEmptyAnswer(table, row)) empty++;
  if (empty > 0) {
    notes.push(
      `${empty} of ${table.count} requests got an empty answer, which the service ended before any output. They count as successes, but not in any latency.`,
    );
  }
  if (table.unknownFields.size > 0) notes.push(unknownFieldNote(table));
  return notes;
}

/** More places are not named: a service may make them up. */
const MAX_PLACES = 3;

/** One for all of them, the most frequent first. */
function unknownFieldNote({ unknownFields, count }: RequestTable): string {
  const fields = [...unknownFields].sort((a, b) => b[1] - a[1]);
  const requests = fields.reduce((sum, [, n]) => sum + n, 0);
  const more = fields.length - MAX_PLACES;
  const places = fields.slice(0, MAX_PLACES).map(([field]) => field);
  const named = `${places.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${requests} of ${count} requests had output in ${named}, which this tool does not know; it counts as text until the first known output. Check that it is output, because TTFT and token counts depend on it.`;
}

function tokenNotes(run: RecordedRun, table: RequestTable): string[] {
  let successes = 0;
  let estimated = 0;
  let unknown = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0) continue;
    successes++;
    const source = tokenSources[table.tokenSource[row]];
    if (source === 'tokenizer' || source === 'embedded') estimated++;
    if (Number.isNaN(knownTokens(table.outTokens[row]) + knownTokens(table.inTokens[row]))) unknown++;
  }
  const notes: string[] = [];
  if (estimated > 0) {
    notes.push(
      `Token counts of ${estimated} of ${successes} successful requests are estimated with ${run.info.tokenizer}, because the service sent no usage.`,
    );
  }
  if (unknown > 0) {
    notes.push(
      `${unknown} of ${successes} successful requests have no token count and are missing from token sums and rates.`,
    );
  }
  return [...notes, ...perTokenNotes(table)];
}

/** What a gap means where the service told how many tokens each event brought. */
function perTokenNotes(table: RequestTable): string[] {
  let told = 0;
  let withGaps = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0 || table.points[row] < 2) continue;
    withGaps++;
    if (table.counted[row] > 0) told++;
  }
  if (told === 0) return [];
  const others = withGaps - told;
  const rest = others > 0 ? `; that of the other ${others} requests is per event` : '';
  return [`ITL is per token, by the service's own count of the tokens in each event${rest}.`];
}

function stageNotes(run: RecordedRun, table: RequestTable, stage: Stage): string[] {
  const durationMs = stage.interval.endMs - stage.interval.startMs;
  const notes: string[] = [];
  if (!stage.members.some((row) => table.success[row] === 1)) {
    notes.push('No request of the stage succeeded, so there is no latency to show.');
  }
  if (durationMs <= 0) notes.push('The stage has no length, so there are no rates to show.');
  if (stage.name === 'total') return notes;

  if (stage.unclampedConcurrency > run.info.batchSize) {
    const excess = stage.unclampedConcurrency / run.info.batchSize - 1;
    notes.push(
      `Computed concurrency was ${stage.unclampedConcurrency.toFixed(2)} (shown as ${run.info.batchSize}). Requests in this stage used ${formatPercent(excess)} more slot time than the stage contains, so throughput is overstated by about ${formatPercent(excess)}.`,
    );
  }
  let longestUs = 0;
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 1) longestUs = Math.max(longestUs, e2elUs(table, row));
  }
  if (longestUs / 1000 >= durationMs / 3) {
    notes.push(
      `The longest request took ${(longestUs / 1e6).toFixed(3)} s, a third or more of the stage's ${(durationMs / 1000).toFixed(3)} s, so the throughput is not reliable. Run longer.`,
    );
  }
  return notes;
}
