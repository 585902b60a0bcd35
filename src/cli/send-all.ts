/** Sends every prepared task: each with its own log, all of them in one live view. */
import { join } from 'node:path';
import type { RunConfig } from '../config/run-config.ts';
import { modelFolder, safeName } from '../store/run-folder.ts';
import type { CheckedTask } from './checked-task.ts';
import { messageOf } from './error-text.ts';
import type { Host } from './host.ts';
import { listenForInterrupts } from './interrupts.ts';
import { createLive, type LiveView } from './live.ts';
import { type LiveRow, liveRow } from './live-rows.ts';
import { createLog, type Log } from './log.ts';
import { fileSink } from './log-file.ts';
import { writeExpectedRps } from './rps-plots.ts';
import { type SendingContext, sendTask } from './send-task.ts';
import type { SpecDecodeWatch } from './watch-spec-decode.ts';

const SIDE_BY_SIDE =
  '--max-num-workers: tasks run side by side. They share this client, and the service if their address is the same, so the figures of each are not those of a task alone; the verdicts say so.';

export interface Pair {
  modelAbbr: string;
  datasetAbbr: string;
}

interface Sending {
  task: CheckedTask;
  row: LiveRow;
  /** Names of the tasks that have run at the same time so far. */
  beside: Set<string>;
  log: Log;
}

/** How many tasks run at the same time. */
export const lanesOf = ({ debug, maxNumWorkers }: RunConfig, tasks: number): number =>
  debug ? 1 : Math.min(maxNumWorkers, tasks);

/**
 * At most `maxNumWorkers` tasks at a time, in their order; with --debug one. A task that fails, for whatever
 * reason, does not take the others down; an interrupt ends all of them.
 */
export async function sendAll(
  host: Host,
  config: RunConfig,
  tasks: readonly CheckedTask[],
  folder: string,
  specDecode: SpecDecodeWatch | null,
): Promise<{ sent: Pair[]; failed: string[] }> {
  const live = createLive(host, folder, config.debug);
  const screenLog = createLog(host.date, config.logLevel, [live.sink]);
  const interrupts = listenForInterrupts(host, screenLog);
  const all = tasks.map((task) => sending(host, config, folder, live, task));
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
      await sendOne(host, one, folder, live, { interrupts, specDecode });
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, work));
  } finally {
    live.stop();
    interrupts.release();
  }
  const over = (...states: LiveRow['state'][]) => all.filter(({ row }) => states.includes(row.state));
  return {
    sent: over('finished', 'interrupted').map(({ task: { info } }) => ({
      modelAbbr: info.modelAbbr,
      datasetAbbr: info.datasetAbbr,
    })),
    failed: over('failed').map(({ task }) => task.name),
  };
}

function meet(a: Sending, b: Sending): void {
  a.beside.add(b.task.name);
  b.beside.add(a.task.name);
}

async function sendOne(
  host: Host,
  { task, row, beside, log }: Sending,
  folder: string,
  live: LiveView,
  shared: Pick<SendingContext, 'interrupts' | 'specDecode'>,
): Promise<void> {
  row.state = 'sending';
  try {
    log.info(`Task [${task.name}] starts: ${describe(task)}`);
    const results = modelFolder(folder, task.info.modelAbbr);
    for (const file of writeExpectedRps(host, results, task.info)) log.info(`Expected rates: ${file}`);
    const { interrupted } = await sendTask(host, await task.take(), results, { ...shared, row, beside, log });
    live.end(row, interrupted ? 'interrupted' : 'finished');
    log.info(`Task [${task.name}] ${interrupted ? 'was interrupted' : 'has finished'}`);
  } catch (error) {
    live.end(row, 'failed');
    log.error(`Task [${task.name}] failed: ${messageOf(error)}`);
  }
}

/** With --debug everything goes to the screen and no log file is written, as documented. */
function sending(host: Host, config: RunConfig, folder: string, live: LiveView, task: CheckedTask): Sending {
  const { info, schedule } = task;
  const logFile = config.debug
    ? null
    : join('logs/infer', safeName(info.modelAbbr), `${safeName(info.datasetAbbr)}.out`);
  const sinks = [live.sink, ...(logFile === null ? [] : [fileSink(join(folder, logFile))])];
  const durationMs = 'durationMs' in schedule ? (schedule.durationMs ?? null) : null;
  return {
    task,
    row: liveRow({ name: task.name, planned: info.plannedRequests, durationMs, logFile }),
    beside: new Set(),
    log: createLog(host.date, config.debug ? 'DEBUG' : config.logLevel, sinks),
  };
}

function describe(task: CheckedTask): string {
  const { info } = task;
  const amount =
    info.plannedRequests === null
      ? `${info.samples} distinct requests, cycled`
      : `${info.plannedRequests} requests`;
  return `${amount}, Max Concurrency ${info.batchSize}, ${task.workers} worker(s), ${info.url}`;
}
