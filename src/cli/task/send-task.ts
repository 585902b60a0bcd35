/** Sends one prepared task's load and stores its records. No metric is computed here. */

import { addFailures, createFailureGroups } from '../../core/failures/failure-groups.ts';
import { failureLine, failureWords } from '../../core/failures/failure-words.ts';
import type { Sample } from '../../core/protocol.ts';
import type { RecordBatch } from '../../core/records.ts';
import type { FailedWarmup } from '../../core/run.ts';
import { fillTokenCounts } from '../../datasets/text/fill-token-counts.ts';
import { createPromptLog } from '../../datasets/text/prompt-log.ts';
import { startLoad } from '../../load/pool.ts';
import type { MergedWarmups } from '../../load/run-result.ts';
import { outTokenLimit } from '../../protocols/shaped-body.ts';
import { createStore, type FinalizeOptions } from '../../store/store.ts';
import { writeWarmupDetails } from '../../store/warmup-details.ts';
import { type Host, loadWorkerUrl, lookWorkerUrl } from '../host/host.ts';
import { failureLines, failureTable } from '../screen/failure-list.ts';
import type { LiveRow } from '../screen/live-rows.ts';
import type { Log } from '../screen/log.ts';
import type { Interrupts } from './interrupts.ts';
import { followPrecision, precisionText } from './precision-checks.ts';
import type { PreparedTask } from './prepare-task.ts';
import type { SpecDecodeWatch } from './watch-spec-decode.ts';

const NO_LOOKS = 'The precision of this run cannot be looked at';

export interface SentTask {
  /** False: it was interrupted before time zero, and nothing of it is kept. */
  began: boolean;
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
      log.warn(`${folder} was removed or renamed during the run; it was created again with the records.`),
  });
  const tally = createTally(task);
  let measured = async () => {};
  const load = startLoad(task.plan, {
    workers: task.workers,
    workerUrl: loadWorkerUrl(host),
    onBatch(batch) {
      tally.add(batch);
      store.append(batch);
    },
    ...(specDecode && {
      onWarm: async () => {
        measured = await specDecode.open(task.plan.target);
      },
    }),
    onNotice: (text) => log.warn(text),
    hints: task.hints,
    onWait: (failed) => log.info(waitText(task, failed)),
    onWarmupFailures: (warmups) => reportWarmups(warmups, folder, task, log),
    onStart: (startedAtUnixMs, warmup) => store.update({ startedAtUnixMs, warmup }),
  });
  const failed = (error: Error) => log.warn(`${NO_LOOKS}: ${error.message}`);
  const looks = { journal: store.files.journal, workerUrl: lookWorkerUrl(host), failed };
  const precision = task.untilPrecise && followPrecision(load, task.untilPrecise, looks);
  row.source = { figures: () => load.live(), ...(precision && { precision: () => precision.line() }) };
  const release = interrupts.watch(load);
  try {
    const { end } = await load.done.finally(() => measured());
    if (load.epochNs === null) {
      await store.discard();
      return { began: false, interrupted: true, stoppedEarly: undefined };
    }
    const reached = precision?.end(end.interrupted);
    await store.end({
      ...end,
      ...(beside.size > 0 && { beside: [...beside] }),
      ...(reached && { precision: reached }),
    });
    await store.finalize(finishingOf(task));
    tally.report(log);
    if (reached) log[reached.reached ? 'info' : 'warn'](precisionText(reached));
    return { began: true, interrupted: end.interrupted, stoppedEarly: end.stoppedEarly };
  } catch (error) {
    // The first error is the one to report; closing may fail for the same reason.
    await store.close().catch(() => undefined);
    throw error;
  } finally {
    precision?.stop();
    release();
  }
}

/** Counts what was sent and what has failed, for the lines at the end. */
function createTally(task: PreparedTask) {
  const failures = createFailureGroups(task.hints);
  let attempts = 0;
  let issued = 0;
  return {
    add(batch: RecordBatch) {
      addFailures(failures, batch);
      attempts += batch.rows;
      issued += firstAttempts(batch);
    },
    report(log: Log) {
      const failed = failureTable(failures, attempts);
      if (failed !== '') log.warn(`Some requests failed. ${failed}`);
      reportUnsent(task, issued, log);
    },
  };
}

/** What the stored records get from the data: counts that the service did not tell, prompts, and names of rows. */
function finishingOf({ samples, plan, promptOf, tokenizer }: PreparedTask): FinalizeOptions {
  // One count per distinct prompt, kept over all batches.
  const promptTokens = new Map<number, number>();
  const prompts = createPromptLog(samples, plan.keepText, promptOf);
  const limitOf = (sample: Sample) => outTokenLimit(sample, plan.target);
  return {
    transform(batch) {
      prompts.read(batch);
      return fillTokenCounts(batch, samples, tokenizer, {
        promptTokens,
        promptOf: prompts.promptOf,
        limitOf,
      });
    },
    inputOf: prompts.promptOf,
    idOf: (index) => rowId(samples[index % samples.length].id),
  };
}

/** Row numbers are numbers in `_details.jsonl`, as scripts written for the original expect. */
function rowId(id: string): number | string {
  return /^\d+$/.test(id) ? Number(id) : id;
}

/** Details for all, a warning where the run starts all the same. */
function reportWarmups(warmups: MergedWarmups, folder: string, { info }: PreparedTask, log: Log): void {
  const { warmup, groups, failures } = warmups;
  const file = writeWarmupDetails(folder, info, failures);
  if (warmup.ok > 0) {
    const lines = failureLines(groups).join('\n');
    log.warn(`${warmup.failed} of ${warmup.total} warm-up requests failed:\n${lines}`);
  }
  if (file !== null) log.info(`Details of failed warm-up requests: ${file}`);
}

function waitText({ plan, hints }: PreparedTask, failed: FailedWarmup): string {
  const line = failureLine(failureWords({ ...failed, body: failed.errorBody }, hints));
  return `Waiting for the service, up to ${(plan.warmupWaitMs ?? 0) / 1000} s (--wait): ${line}`;
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
    `${unsent} of ${info.plannedRequests} turns were not sent, because a conversation ends when a turn fails or is interrupted`,
  );
}
