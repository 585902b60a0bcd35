/** `ais_bench --mode perf | perf_viz`: the table of contents of a run. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mergeLines } from '../../config/files/merge-datasets.ts';
import { redactedConfig } from '../../config/redact.ts';
import type { RunConfig } from '../../config/run-config.ts';
import { EXIT, type ExitCode, UserError, worstExit } from '../../core/errors.ts';
import { writeError } from '../../core/failures/write-error.ts';
import { type NamedTask, nameClashes } from '../../core/text/file-name.ts';
import { quietJson } from '../../core/text/outside-text.ts';
import { createTokenizers } from '../../datasets/text/tokenizer.ts';
import { hostLimits } from '../../load/health/machine.ts';
import { type LiveMark, liveRunOf, markLive } from '../../store/live-mark.ts';
import { makeFolder } from '../../store/own-files.ts';
import {
  createRunFolder,
  findRun,
  type RecordedTask,
  recordedTask,
  recordedTasks,
  reserveNames,
} from '../../store/run-folder.ts';
import type { Host } from '../host/host.ts';
import { endedBefore, liveText } from '../host/live-run.ts';
import { writeWhole } from '../host/write-whole.ts';
import { messageOf } from '../screen/error-text.ts';
import { createLog, type Log, screenSink } from '../screen/log.ts';
import { type CheckedTask, createTaskCheck } from '../task/checked-task.ts';
import { withSalt } from '../task/choose-salt.ts';
import { beforeSending } from '../task/interrupts.ts';
import { checkLanes } from '../task/limits.ts';
import { prepareTask, taskName } from '../task/prepare-task.ts';
import { recordedNames } from '../task/recorded-names.ts';
import { lanesOf, sendAll } from '../task/send-all.ts';
import { createServiceWait } from '../task/service-wait.ts';
import { summarizeAll } from '../task/summarize-all.ts';
import { recallSpecDecode, reportSpecDecode, watchSpecDecode } from '../task/watch-spec-decode.ts';
import { printPlan } from './dry-run.ts';

/** Sends and summarizes, or only summarizes, as the config says. Throws only before anything was sent. */
export async function runCommand(host: Host, asked: RunConfig): Promise<ExitCode> {
  const log = createLog(host.date, asked.debug ? 'DEBUG' : asked.logLevel, [screenSink(host)]);
  if (asked.mode === 'perf_viz' || asked.reuse !== null) return recalculate(host, asked, log);
  for (const line of mergeLines([...new Set(asked.tasks.map(({ dataset }) => dataset))])) log.info(line);
  const config = withSalt(asked, log);
  checkTaskNames(config, log);
  const { ready, failed } = await prepareAll(host, config, log);
  if (config.dryRun) {
    for (const task of ready) printPlan(host, await task.take());
    return reportFailed(failed, config, log);
  }
  const { folder, mark } = openRunFolder(host, config, ready);
  log.info(`Current exp folder: ${folder}`);
  const specDecode = config.specDecode ? watchSpecDecode() : null;
  const { sent, failed: cutShort, interrupts } = await sendAll({ host, config, folder, specDecode }, ready);
  if (sent.length + cutShort.length === 0 && interrupts.interrupted) {
    interrupts.release();
    mark.remove();
    rmSync(folder, { recursive: true, force: true });
    return interrupts.code === EXIT.ok ? EXIT.interrupted : interrupts.code;
  }
  try {
    const tasks = sent.map((task) => recordedTask(folder, task));
    const code = await summarizeAll({ host, config, live: null, log }, tasks);
    if (specDecode) reportSpecDecode(host, folder, specDecode, log);
    return worstExit([code, reportFailed([...failed, ...cutShort], config, log), interrupts.code]);
  } finally {
    interrupts.release();
    mark.remove();
  }
}

/** Everything that can be refused is written before anything is sent; a folder without records would only be in the way. */
function openRunFolder(
  host: Host,
  config: RunConfig,
  tasks: readonly CheckedTask[],
): { folder: string; mark: LiveMark } {
  const folder = createRunFolder(config.workDir, host.date());
  try {
    const mark = markLive(folder);
    dumpConfig(folder, config);
    reserveNames(
      folder,
      tasks.map(({ info }) => info),
    );
    return { folder, mark };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (error instanceof UserError) throw error;
    throw writeError(folder, error, 'start again, or choose another --work-dir: nothing has been sent');
  }
}

const namesOf = ({ tasks }: RunConfig): NamedTask[] =>
  tasks.map(({ model, dataset }) => ({ modelAbbr: model.abbr, datasetAbbr: dataset.abbr }));

/** Before anything is sent: no two tasks may write one file. */
function checkTaskNames(config: RunConfig, log: Log): void {
  for (const { tasks, file, onSomeDisks } of nameClashes(namesOf(config))) {
    const [a, b] = tasks.map(({ modelAbbr, datasetAbbr }) => `${modelAbbr}/${datasetAbbr}`);
    if (!onSomeDisks) {
      throw new UserError(EXIT.usage, `${a} and ${b} would both write performances/${file}.`, {
        hint: 'Give one of them another abbr.',
      });
    }
    log.warn(
      `${a} and ${b} have names that differ only in upper and lower case. On a file system that ignores case, one replaces the other.`,
    );
  }
}

/** The last line of a run says which combinations are missing from it, in the order in which they were asked for. */
function reportFailed(failed: readonly string[], { tasks }: RunConfig, log: Log): ExitCode {
  if (failed.length === 0) return EXIT.ok;
  const names = tasks.map(taskName).filter((name) => failed.includes(name));
  log.error(`${names.length} of ${tasks.length} tasks failed: ${names.join(', ')}`);
  return EXIT.failed;
}

/**
 * Every task is checked before the first one sends, so that hours are not lost to a typing mistake. A mistake
 * ends the command; a service that does not answer costs only its own tasks, unless no task is left.
 */
async function prepareAll(
  host: Host,
  config: RunConfig,
  log: Log,
): Promise<{ ready: CheckedTask[]; failed: string[] }> {
  const ready: CheckedTask[] = [];
  const tokenizers = createTokenizers();
  const check = createTaskCheck();
  const wait = createServiceWait({
    waitMs: config.waitMs,
    say: log.info,
    now: () => performance.now(),
    sleep,
  });
  const failed: string[] = [];
  let first: UserError | null = null;
  for (const task of config.tasks) {
    try {
      const prepare = () => prepareTask(task, { host, config, tokenizers, log, wait });
      // Ctrl-C is heard before the screen says that the command waits.
      ready.push(check(await beforeSending(host, log, prepare()), prepare));
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode !== EXIT.failed) throw error;
      first ??= error;
      failed.push(taskName(task));
      if (config.tasks.length > 1) log.error(`Task [${taskName(task)}] cannot start: ${messageOf(error)}`);
    }
  }
  if (ready.length === 0 && first !== null) throw first;
  if (!config.dryRun) checkLanes(ready, lanesOf(config, ready.length), hostLimits());
  return { ready, failed };
}

async function recalculate(host: Host, config: RunConfig, log: Log): Promise<ExitCode> {
  if (config.mode === 'perf') log.warn('--reuse sends nothing: the recorded run is recalculated (perf_viz).');
  const folder = findRun(config.workDir, config.reuse ?? 'latest');
  log.info(`Current exp folder: ${folder}`);
  const tasks = tasksIn(folder, config, log);
  const live = liveRunOf(folder);
  if (live) log.warn(liveText(live, endedBefore(config.workDir, folder)));
  const code = await summarizeAll({ host, config, live, log }, tasks);
  recallSpecDecode(host, folder, log);
  return code;
}

/** What a run recorded of the tasks that are named; of all when none is. */
function tasksIn(folder: string, { tasks }: RunConfig, log: Log): RecordedTask[] {
  const recorded = recordedTasks(folder);
  if (tasks.length === 0) return recorded;
  const isRecorded = (task: NamedTask) =>
    recorded.some((r) => r.modelAbbr === task.modelAbbr && r.datasetAbbr === task.datasetAbbr);
  const { names, notes } = recordedNames(tasks, isRecorded);
  for (const note of notes) log.info(note);
  return names.map((task) => recordedTask(folder, task));
}

function dumpConfig(folder: string, config: RunConfig): void {
  const file = join(makeFolder(folder, 'configs'), `${folder.split('/').at(-1)}_${process.pid}.json`);
  writeWhole(file, `${quietJson(JSON.stringify(redactedConfig(config), null, 2))}\n`);
}
