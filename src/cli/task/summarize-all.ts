/** The last part of every run and the whole of a recalculation: tables on the screen, then files beside the records. */
import type { RunConfig } from '../../config/run-config.ts';
import { EXIT, type ExitCode, worstExit } from '../../core/errors.ts';
import type { Summary } from '../../core/summary.ts';
import { visibleLines } from '../../core/text/outside-text.ts';
import { renderNoWindow } from '../../reporters/tables.ts';
import { createH5Reader } from '../../store/h5-thread.ts';
import type { LiveRun } from '../../store/live-mark.ts';
import type { RecordedTask } from '../../store/run-folder.ts';
import type { ReadH5 } from '../../store/store.ts';
import { type Host, h5WorkerUrl } from '../host/host.ts';
import { messageOf } from '../screen/error-text.ts';
import type { Log } from '../screen/log.ts';
import { type SummarizedTask, summarizeTask } from './summarize-task.ts';

export interface Recorded {
  host: Host;
  config: RunConfig;
  /** Another process is still recording the run: nothing is written into its folder. null: the run is over. */
  live: LiveRun | null;
  log: Log;
}

/** One data set that cannot be summarized does not stop the others. */
export async function summarizeAll(recorded: Recorded, tasks: readonly RecordedTask[]): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  const readH5 = createH5Reader(h5WorkerUrl(recorded.host));
  for (const task of tasks) {
    try {
      codes.push(await summarizeOne(recorded, task, readH5));
    } catch (error) {
      const { modelAbbr, datasetAbbr } = task;
      recorded.log.error(`Task [${modelAbbr}/${datasetAbbr}] cannot be summarized: ${messageOf(error)}`);
      codes.push(EXIT.failed);
    }
  }
  return worstExit(codes);
}

async function summarizeOne(recorded: Recorded, stored: RecordedTask, readH5: ReadH5): Promise<ExitCode> {
  const { host, config, live, log } = recorded;
  const summarized = () => summarizeTask(host, stored, config.summarizer, readH5);
  // A live run may turn its journal into details files while they are looked for: then they are there now.
  const task = await (live ? summarized().catch(summarized) : summarized());
  const { summary, name, tables, failures, warnings } = task;
  for (const warning of warnings) log.warn(warning);
  log.info(`Performance Results of task: ${name}:\n`);
  if (summary.noWindow) log.error(renderNoWindow(summary));
  host.stdout.write(`${visibleLines(tables)}\n`);
  if (failures !== '') host.stdout.write(`${failures}\n`);
  for (const note of summary.notes) log.info(note);
  const isFailed = [
    summary.noWindow !== null,
    isWithoutSuccess(name, summary, log),
    isRefused(config, summary, log),
  ];
  const written = live !== null || writeFiles(task, stored.files.folder, log);
  return isFailed.includes(true) || !written ? EXIT.failed : EXIT.ok;
}

/** False when the disk refused, which is told. */
function writeFiles({ name, writeFiles }: SummarizedTask, results: string, log: Log): boolean {
  try {
    const files = writeFiles();
    log.info(`Performance Result files locate in ${results}.`);
    log.info(`Request timeline: ${files.find((f) => f.endsWith('_plot.html'))}`);
    const rates = files.find((f) => f.endsWith('_with_actual_rps.html'));
    if (rates) log.info(`Request rate, planned and actual: ${rates}`);
    return true;
  } catch (error) {
    log.error(`Result files of task [${name}] are missing: ${messageOf(error)}`);
    return false;
  }
}

/** Requests were sent, and there is nothing that their figures could tell. */
function isWithoutSuccess(name: string, { outcomes, timeline }: Summary, log: Log): boolean {
  if (outcomes.ok > 0 || timeline.count === 0) return false;
  const requests = timeline.attempt.filter((attempt) => attempt === 0).length;
  log.error(`Task [${name}]: None of the ${requests} requests succeeded.`);
  return true;
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
