/** Sends every prepared task: each with its own log, all of them in one live view. */
import { join } from 'node:path';
import type { RunConfig } from '../../config/run-config.ts';
import { cacheText } from '../../core/cache-text.ts';
import { fileStem } from '../../core/text/file-name.ts';
import { readJournal } from '../../store/read-journal.ts';
import { modelFolder, taskFiles } from '../../store/run-folder.ts';
import type { Host } from '../host/host.ts';
import { cacheWarning } from '../screen/cache-warning.ts';
import { messageOf } from '../screen/error-text.ts';
import { createLive, type LiveView } from '../screen/live.ts';
import { type LiveRow, liveRow } from '../screen/live-rows.ts';
import { createLog, type Log } from '../screen/log.ts';
import { fileSink } from '../screen/log-file.ts';
import type { CheckedTask } from './checked-task.ts';
import { type Interrupts, listenForInterrupts } from './interrupts.ts';
import { writeExpectedRps } from './rps-plots.ts';
import { sendTask } from './send-task.ts';
import type { SpecDecodeWatch } from './watch-spec-decode.ts';

const SIDE_BY_SIDE =
  '--max-num-workers: parallel tasks share this client, and the service if they have the same address. Their figures differ from those of a task alone, and their verdicts say so.';

const STOPPED_HINT =
  'The collected records are kept and summarized. Check the service and the failures above, then run again.';

interface Pair {
  modelAbbr: string;
  datasetAbbr: string;
}

interface Sending {
  task: CheckedTask;
  row: LiveRow;
  /** Names of the tasks that have run at the same time so far. */
  beside: Set<string>;
  /** Ended before its time, with all its records in place. */
  endedEarly: boolean;
  log: Log;
}

/** Where a task's lines and figures are shown. */
interface Screen {
  host: Host;
  config: RunConfig;
  folder: string;
  live: LiveView;
  /** Hears of a log file that cannot be written. */
  refused(error: Error): void;
}

/** The run whose tasks are sent. */
export interface SendingRun {
  host: Host;
  config: RunConfig;
  /** The run's own. */
  folder: string;
  specDecode: SpecDecodeWatch | null;
}

/** What all tasks have in common while they send. */
interface Shared extends SendingRun {
  live: LiveView;
  interrupts: Interrupts;
}

/** How many tasks run at the same time. */
export const lanesOf = ({ debug, maxNumWorkers }: RunConfig, tasks: number): number =>
  debug ? 1 : Math.min(maxNumWorkers, tasks);

export interface Outcome {
  /** Tasks that have left records, also those that failed later. */
  sent: Pair[];
  /** Names of the tasks that failed. */
  failed: string[];
  /** Goes on hearing SIGTERM and SIGHUP until the caller releases it. */
  interrupts: Interrupts;
}

/**
 * At most `maxNumWorkers` tasks at a time, in their order; with --debug one. A task that fails, for whatever
 * reason, does not take the others down; an interrupt ends all of them.
 */
export async function sendAll(run: SendingRun, tasks: readonly CheckedTask[]): Promise<Outcome> {
  const { host, config, folder } = run;
  const live = createLive(host, folder, config.debug);
  const screenLog = createLog(host.date, config.logLevel, [live.sink]);
  const interrupts = listenForInterrupts(host, screenLog);
  const refused = (error: Error) => screenLog.warn(`Log lines are lost: ${error.message}`);
  const all = tasks.map((task) => sending({ host, config, folder, live, refused }, task));
  live.show(
    all.map(({ row }) => row),
    (row, line) => all.find((s) => s.row === row)?.log.info(line),
  );
  const lanes = lanesOf(config, all.length);
  if (lanes > 1) screenLog.warn(SIDE_BY_SIDE);
  const queue = all.values();
  const work = async () => {
    for (const one of queue) {
      if (interrupts.interrupted) return;
      for (const other of all) if (other.row.state === 'sending') meet(one, other);
      await sendOne(one, { ...run, live, interrupts });
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, work));
  } finally {
    live.stop();
    interrupts.sendingIsOver();
  }
  const failed = all.filter(({ row }) => row.state === 'failed');
  const sent = all.filter(
    (one) =>
      one.row.state !== 'waiting' &&
      (!failed.includes(one) || one.endedEarly || hasRecords(folder, one.task.info)),
  );
  const unsent = all.filter(({ row }) => row.state === 'waiting').map(({ task }) => task.name);
  if (unsent.length > 0 && sent.length + failed.length > 0)
    screenLog.warn(`Not started: ${unsent.join(', ')}`);
  return {
    sent: sent.map(({ task: { info } }) => ({ modelAbbr: info.modelAbbr, datasetAbbr: info.datasetAbbr })),
    failed: failed.map(({ task }) => task.name),
    interrupts,
  };
}

/** What a task had recorded when it failed is worth a table. */
function hasRecords(folder: string, { modelAbbr, datasetAbbr }: Pair): boolean {
  try {
    return readJournal(taskFiles(modelFolder(folder, modelAbbr), datasetAbbr).journal).rows > 0;
  } catch {
    return false;
  }
}

function meet(a: Sending, b: Sending): void {
  a.beside.add(b.task.name);
  b.beside.add(a.task.name);
}

async function sendOne(one: Sending, shared: Shared): Promise<void> {
  const { host, folder, live, interrupts, specDecode } = shared;
  const { task, row, beside, log } = one;
  row.state = 'sending';
  try {
    log.info(`Task [${task.name}] starts: ${describe(task)}`);
    const results = modelFolder(folder, task.info.modelAbbr);
    const prepared = await task.take();
    if (prepared.info.cache) log.info(`Prefix cache: ${cacheText(prepared.info.cache)}`);
    const warning = cacheWarning(prepared.info, prepared.plan);
    if (warning !== '') log.warn(warning);
    const files = taskFiles(results, task.info.datasetAbbr);
    for (const file of writeExpectedRps(host, files, task.info)) log.info(`Expected rates: ${file}`);
    const { began, interrupted, stoppedEarly } = await sendTask(host, prepared, results, {
      interrupts,
      specDecode,
      row,
      beside,
      log,
    });
    if (!began) {
      row.state = 'waiting';
      return;
    }
    if (stoppedEarly !== undefined) {
      one.endedEarly = true;
      live.end(row, 'failed');
      log.error(`Task [${task.name}] ended early: ${stoppedEarly} ${STOPPED_HINT}`);
      return;
    }
    live.end(row, interrupted ? 'interrupted' : 'finished');
    log.info(`Task [${task.name}] ${interrupted ? 'was interrupted' : 'has finished'}`);
  } catch (error) {
    live.end(row, 'failed');
    log.error(`Task [${task.name}] failed: ${messageOf(error)}`);
  }
}

/** With --debug everything goes to the screen and no log file is written, as documented. */
function sending({ host, config, folder, live, refused }: Screen, task: CheckedTask): Sending {
  const { info, schedule } = task;
  const logFile = config.debug
    ? null
    : join('logs/infer', fileStem(info.modelAbbr), `${fileStem(info.datasetAbbr)}.out`);
  const sinks = [live.sink, ...(logFile === null ? [] : [fileSink(join(folder, logFile), refused)])];
  const durationMs = 'durationMs' in schedule ? (schedule.durationMs ?? null) : null;
  return {
    task,
    row: liveRow({ name: task.name, planned: info.plannedRequests, durationMs, logFile }),
    beside: new Set(),
    endedEarly: false,
    log: createLog(host.date, config.debug ? 'DEBUG' : config.logLevel, sinks),
  };
}

function describe(task: CheckedTask): string {
  const { info } = task;
  const amount =
    info.plannedRequests === null
      ? `${info.samples} distinct requests, repeated`
      : `${info.plannedRequests} requests`;
  return `${amount}, Max Concurrency ${info.batchSize}, ${task.workers} worker(s), ${info.url}`;
}
