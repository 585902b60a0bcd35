/** `ais_bench explain`: a recorded run under the definitions of other tools, and why their numbers differ. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { explain } from '../../analysis/peers/explain.ts';
import { DEFAULT_WORK_DIR } from '../../config/run-config.ts';
import { EXIT, type ExitCode, UserError } from '../../core/errors.ts';
import type { Explanation } from '../../core/explanation.ts';
import type { NamedTask } from '../../core/text/file-name.ts';
import { quietJson } from '../../core/text/outside-text.ts';
import { renderExplanation } from '../../reporters/explanation-text.ts';
import { createH5Reader } from '../../store/h5-thread.ts';
import { findRun, recordedTasks } from '../../store/run-folder.ts';
import { readTask } from '../../store/store.ts';
import { type Host, h5WorkerUrl } from '../host/host.ts';
import { warnOfLive } from '../host/live-run.ts';
import { storageWarnings } from '../host/storage-warnings.ts';
import { parseSubcommand } from './subcommand.ts';

/** Without a terminal, lines are as long as the tables need. */
const UNLIMITED = Number.POSITIVE_INFINITY;

type ExplainedTask = NamedTask & Explanation;

export async function explainCommand(host: Host, args: readonly string[]): Promise<ExitCode> {
  const command = explainFlags();
  const { help } = parseSubcommand(command, args);
  if (help !== null) {
    host.stdout.write(help);
    return EXIT.ok;
  }
  const { workDir, json } = command.opts<{ workDir: string; json: boolean }>();
  const folder = folderOf(host, command.args[0] ?? 'latest', workDir);
  const tasks = recordedTasks(folder);
  if (tasks.length === 0) {
    throw new UserError(EXIT.usage, `There is no recorded run in ${folder}.`, {
      hint: 'Name a folder that contains performances/<model>/<dataset>_details.h5.',
    });
  }
  warnOfLive(host, folder);
  const readH5 = createH5Reader(h5WorkerUrl(host));
  const explained: ExplainedTask[] = [];
  for (const { modelAbbr, datasetAbbr, files } of tasks) {
    const run = await readTask({ datasetAbbr, files }, readH5);
    for (const warning of storageWarnings(run)) host.stderr.write(`Warning: ${warning}\n`);
    explained.push({ modelAbbr, datasetAbbr, ...explain(run) });
  }
  host.stdout.write(
    json ? `${quietJson(JSON.stringify({ folder, tasks: explained }, null, 2))}\n` : tables(host, explained),
  );
  return EXIT.ok;
}

function tables(host: Host, explained: readonly ExplainedTask[]): string {
  const columns = host.stdout.isTTY ? host.stdout.columns : UNLIMITED;
  return explained
    .map((task) => `${task.modelAbbr}/${task.datasetAbbr}\n${renderExplanation(task, columns)}\n`)
    .join('\n');
}

/** A path, or the name of a run in the work dir. */
function folderOf(host: Host, run: string, workDir: string): string {
  const path = resolve(host.cwd, run);
  return existsSync(path) ? path : findRun(resolve(host.cwd, workDir), run);
}

function explainFlags(): Command {
  return new Command('ais_bench explain')
    .description(
      'Recomputes a recorded run with the metric definitions of AISBench, vLLM bench, SGLang, GuideLLM, AIPerf, EvalScope, and inference-perf, and explains each difference. Sends and writes nothing.',
    )
    .argument('[run]', 'folder of a run, its timestamp in the work dir, or latest', 'latest')
    .option('-w, --work-dir <dir>', 'folder of the runs', DEFAULT_WORK_DIR)
    .option('--json', 'print JSON instead of tables (in seconds, at full precision)', false);
}
