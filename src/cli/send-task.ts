/** Sends one prepared task's load and stores its records. No metric is computed here. */

import type { Sample } from '../core/protocol.ts';
import type { RecordBatch } from '../core/records.ts';
import { outcomes } from '../core/records.ts';
import { fillTokenCounts } from '../datasets/fill-token-counts.ts';
import { createPromptLog } from '../datasets/prompt-log.ts';
import { startLoad } from '../load/pool.ts';
import { outTokenLimit } from '../protocols/shaped-body.ts';
import { fancyGrid } from '../reporters/fancy-grid.ts';
import { createStore } from '../store/store.ts';
import { type Host, loadWorkerUrl, lookWorkerUrl } from './host.ts';
import type { Interrupts } from './interrupts.ts';
import type { LiveRow } from './live-rows.ts';
import type { Log } from './log.ts';
import { followPrecision, precisionText } from './precision.ts';
import type { PreparedTask } from './prepare-task.ts';
import type { SpecDecodeWatch } from './watch-spec-decode.ts';

const MOST_REASONS = 20;

export interface SentTask {
  interrupted: boolean;
  /** Why the run ended before its time; undefined: it did not, or a person ended it. */
  stoppedEarly: string | undefined;
}

export interface SendingContext {
  row: LiveRow;
  interrupts: Interrupts;
  /** Names of the tasks that have run at the same time so far. */
  beside: ReadonlySet<string>;
  specDecode: SpecDecodeWatch | null;
  log: Log;
}

/**
 * Runs the plan to its end, to Ctrl-C, or to an error, and lets `row` show how it goes. Records are in the
 * journal at most a second after a request ends; afterwards they become `_details.h5` and `_details.jsonl`.
 */
export async function sendTask(
  host: Host,
  task: PreparedTask,
  folder: string,
  { row, interrupts, beside, specDecode, log }: SendingContext,
): Promise<SentTask> {
  const store = createStore(folder, task.info, {
    onPutBack: () =>
      log.warn(`${folder} was removed or renamed while the run went on; it was made again with the records.`),
  });
  const failures = new Map<string, number>();
  // One count per distinct prompt, kept over all batches.
  const promptTokens = new Map<number, number>();
  const prompts = createPromptLog(task.samples, task.plan.keepText, task.promptOf);
  let issued = 0;
  let measured = async () => {};
  const load = startLoad(task.plan, {
    workers: task.workers,
    workerUrl: loadWorkerUrl(host),
    onBatch(batch) {
      countFailures(batch, failures);
      issued += firstAttempts(batch);
      store.append(batch);
    },
    ...(specDecode && {
      onWarm: async () => {
        measured = await specDecode.open(task.plan.target);
      },
    }),
    onNotice: (text) => log.warn(text),
    onStart: (startedAtUnixMs, warmup) => store.update({ startedAtUnixMs, warmup }),
  });
  const precision =
    task.untilPrecise &&
    followPrecision(load, task.untilPrecise, store.files.journal, lookWorkerUrl(host), (error) =>
      log.warn(`The precision of this run cannot be looked at: ${error.message}`),
    );
  row.source = { figures: () => load.live(), ...(precision && { precision: () => precision.line() }) };
  const release = interrupts.watch(load);
  try {
    const { end } = await load.done.finally(() => measured());
    const reached = precision?.end(end.interrupted);
    await store.end({
      ...end,
      ...(beside.size > 0 && { beside: [...beside] }),
      ...(reached && { precision: reached }),
    });
    await store.finalize({
      transform(batch) {
        prompts.read(batch);
        const limitOf = (sample: Sample) => outTokenLimit(sample, task.plan.target);
        return fillTokenCounts(batch, task.samples, task.tokenizer, promptTokens, prompts.promptOf, limitOf);
      },
      inputOf: prompts.promptOf,
      idOf: (index) => rowId(task.samples[index % task.samples.length].id),
    });
    reportFailures(failures, log);
    reportUnsent(task, issued, log);
    if (reached) log[reached.reached ? 'info' : 'warn'](precisionText(reached));
    return { interrupted: end.interrupted, stoppedEarly: end.stoppedEarly };
  } catch (error) {
    // The first error is the one to report; closing may fail for the same reason.
    await store.close().catch(() => undefined);
    throw error;
  } finally {
    precision?.stop();
    release();
  }
}

/** Row numbers are numbers in `_details.jsonl`, as scripts written for the original expect. */
function rowId(id: string): number | string {
  return /^\d+$/.test(id) ? Number(id) : id;
}

function countFailures(batch: RecordBatch, failures: Map<string, number>): void {
  const causes = new Map(batch.notes.map((n) => [n.row, n.cause]));
  for (let row = 0; row < batch.rows; row++) {
    const outcome = outcomes[batch.outcome[row]];
    if (outcome === 'ok') continue;
    const reason = `${outcome}: ${causes.get(row) ?? 'no further reason'}`;
    const key = failures.has(reason) || failures.size < MOST_REASONS ? reason : 'other reasons';
    failures.set(key, (failures.get(key) ?? 0) + 1);
  }
}

function reportFailures(failures: Map<string, number>, log: Log): void {
  if (failures.size === 0) return;
  const rows = [...failures].sort((a, b) => b[1] - a[1]).map(([reason, n]) => [reason, String(n)]);
  log.warn(`Some requests failed:\n${fancyGrid(['Failed Reason', 'Count'], rows)}`);
}

function firstAttempts({ attempt, rows }: RecordBatch): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if (attempt[row] === 0) count++;
  return count;
}

/** A conversation ends with a turn that fails: what it would have asked then is in no table. */
function reportUnsent({ info, plan }: PreparedTask, issued: number, log: Log): void {
  const unsent = (info.plannedRequests ?? issued) - issued;
  if (plan.conversations === undefined || unsent <= 0) return;
  log.warn(
    `${unsent} of ${info.plannedRequests} turns were not sent: a conversation ends with a turn that fails or is cut off`,
  );
}
