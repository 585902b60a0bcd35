/** `ais_bench --mode perf | perf_viz`: the table of contents of a run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { redactedConfig } from '../config/redact.ts';
import type { RunConfig } from '../config/run-config.ts';
import { EXIT, type ExitCode, UserError } from '../core/errors.ts';
import type { Summary } from '../core/summary.ts';
import { createTokenizers } from '../datasets/tokenizer.ts';
import { hostLimits } from '../load/machine.ts';
import { renderNoWindow } from '../reporters/tables.ts';
import { createRunFolder, findRun, modelFolder, recordedTasks } from '../store/run-folder.ts';
import { type CheckedTask, createTaskCheck } from './checked-task.ts';
import { printPlan } from './dry-run.ts';
import { messageOf } from './error-text.ts';
import type { Host } from './host.ts';
import { checkLanes } from './limits.ts';
import { createLog, type Log, screenSink } from './log.ts';
import { prepareTask, taskName } from './prepare-task.ts';
import { lanesOf, type Pair, sendAll } from './send-all.ts';
import { summarizeTask } from './summarize-task.ts';
import { recallSpecDecode, reportSpecDecode, watchSpecDecode } from './watch-spec-decode.ts';

/** Sends and summarizes, or only summarizes, as the config says. Throws only before anything was sent. */
export async function runCommand(host: Host, config: RunConfig): Promise<ExitCode> {
  const log = createLog(host.date, config.debug ? 'DEBUG' : config.logLevel, [screenSink(host)]);
  if (config.mode === 'perf_viz' || config.reuse !== null) return recalculate(host, config, log);
  const { ready, failed } = await prepareAll(host, config, log);
  if (config.dryRun) {
    for (const task of ready) printPlan(host, await task.take());
    return reportFailed(failed, config, log);
  }
  const folder = createRunFolder(config.workDir, host.date());
  log.info(`Current exp folder: ${folder}`);
  dumpConfig(folder, config);
  const specDecode = config.specDecode ? watchSpecDecode() : null;
  const outcome = await sendAll(host, config, ready, folder, specDecode);
  const code = await summarizeAll(host, config, folder, outcome.sent, log);
  if (specDecode) reportSpecDecode(host, folder, specDecode, log);
  return worst([code, reportFailed([...failed, ...outcome.failed], config, log)]);
}

/** The last line of a run says which combinations are missing from it. */
function reportFailed(failed: readonly string[], { tasks }: RunConfig, log: Log): ExitCode {
  if (failed.length === 0) return EXIT.ok;
  log.error(`${failed.length} of ${tasks.length} tasks failed: ${failed.join(', ')}`);
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
  const failed: string[] = [];
  let first: UserError | null = null;
  for (const task of config.tasks) {
    try {
      const prepare = () => prepareTask(host, config, task, tokenizers, log);
      ready.push(check(await prepare(), prepare));
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
  const recorded = recordedTasks(folder);
  const asked = config.tasks.map((t) => ({ modelAbbr: t.model.abbr, datasetAbbr: t.dataset.abbr }));
  const pairs = asked.length > 0 ? asked : recorded;
  const code = await summarizeAll(host, config, folder, pairs, log);
  recallSpecDecode(host, folder, log);
  return code;
}

/** Prints all tables at the end; one data set that cannot be summarized does not stop the others. */
async function summarizeAll(
  host: Host,
  config: RunConfig,
  folder: string,
  pairs: Pair[],
  log: Log,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const { modelAbbr, datasetAbbr } of pairs) {
    const results = modelFolder(folder, modelAbbr);
    try {
      const { summary, name, tables, files, warnings } = await summarizeTask(
        host,
        results,
        datasetAbbr,
        config.summarizer,
      );
      for (const warning of warnings) log.warn(warning);
      log.info(`Performance Results of task: ${name}:\n`);
      if (summary.noWindow) log.error(renderNoWindow(summary));
      host.stdout.write(`${tables}\n`);
      for (const note of summary.notes) log.info(note);
      log.info(`Performance Result files locate in ${results}.`);
      log.info(`Request timeline: ${files.find((f) => f.endsWith('_plot.html'))}`);
      const rates = files.find((f) => f.endsWith('_with_actual_rps.html'));
      if (rates) log.info(`Request rate, planned and actual: ${rates}`);
      codes.push(summary.noWindow || isRefused(config, summary, log) ? EXIT.failed : EXIT.ok);
    } catch (error) {
      log.error(`Task [${modelAbbr}/${datasetAbbr}] cannot be summarized: ${messageOf(error)}`);
      codes.push(EXIT.failed);
    }
  }
  return worst(codes);
}

/** `--require steady`, and the run is anything less. */
function isRefused({ requireSteady }: RunConfig, { steady }: Summary, log: Log): boolean {
  if (!requireSteady) return false;
  const verdicts = Object.entries(steady?.verdict ?? { throughput: 'not steady' });
  const lesser = verdicts.filter(([, verdict]) => verdict !== 'steady');
  if (lesser.length === 0) return false;
  log.error(`--require steady: ${lesser.map(([claim, verdict]) => `${claim} is ${verdict}`).join(', ')}`);
  return true;
}

function dumpConfig(folder: string, config: RunConfig): void {
  const file = join(folder, 'configs', `${folder.split('/').at(-1)}_${process.pid}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(redactedConfig(config), null, 2)}\n`);
}

function worst(codes: ExitCode[]): ExitCode {
  return codes.find((c) => c !== EXIT.ok) ?? EXIT.ok;
}
