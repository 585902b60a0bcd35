/** `ais_bench compare`: two sides of recorded runs against each other, and a gate for CI. */

import { relative } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CompareOptions, compareRuns } from '../../analysis/compare/compare.ts';
import { type MeasuredRun, measureRun } from '../../analysis/compare/measured-run.ts';
import { differingSettings, settingNames } from '../../analysis/compare/settings.ts';
import { ADVISED_RUNS } from '../../analysis/compare/side-notes.ts';
import { readPrecision } from '../../config/flags/precision-targets.ts';
import { didYouMean } from '../../config/nearest.ts';
import { DEFAULT_WORK_DIR } from '../../config/run-config.ts';
import type { Comparison } from '../../core/comparison.ts';
import { EXIT, type ExitCode, UserError } from '../../core/errors.ts';
import type { PrecisionTarget } from '../../core/precision.ts';
import { quietJson } from '../../core/text/outside-text.ts';
import { renderComparison } from '../../reporters/comparison-text.ts';
import { createH5Reader } from '../../store/h5-thread.ts';
import { type ReadH5, readTask } from '../../store/store.ts';
import { type Host, h5WorkerUrl } from '../host/host.ts';
import { warnOfLive } from '../host/live-run.ts';
import { storageWarnings } from '../host/storage-warnings.ts';
import { pairTasks, runsOfSide, type TaskPair, type TaskRun } from './compare-sides.ts';
import { parseSubcommand } from './subcommand.ts';

interface Flags {
  /** `named`: by the user, not the usual ones. */
  gate?: { targets: PrecisionTarget[]; named: boolean };
  allow: string[];
  runSpread: number;
  workDir: string;
  json: boolean;
}

/** Runs that are not steady may be compared like a setting that differs. */
const UNSTEADY = 'unsteady';
const allowable: readonly string[] = [...settingNames, UNSTEADY];
/** What a gate of one number looks at: figures that a few runs can decide. */
const usualMetrics = ['throughput', 'ttft', 'tpot', 'e2el'];
const streamOnly = ['ttft', 'tpot'];

type ComparedTask = { task: string } & Comparison;

export async function compareCommand(host: Host, args: readonly string[]): Promise<ExitCode> {
  const command = compareFlags();
  const { help } = parseSubcommand(command, args);
  if (help !== null) {
    host.stdout.write(help);
    return EXIT.ok;
  }
  const flags = command.opts<Flags>();
  const [base, next] = command.args.map((side) => runsOfSide(host.cwd, side, flags.workDir));
  const { pairs, alone } = pairTasks(base, next);
  for (const folder of new Set([...base, ...next])) warnOfLive(host, folder);
  const compared: ComparedTask[] = [];
  const readH5 = createH5Reader(h5WorkerUrl(host));
  for (const pair of pairs) compared.push(await comparePair(host, pair, flags, readH5));
  host.stdout.write(
    flags.json
      ? `${quietJson(JSON.stringify({ base, new: next, tasks: compared }, null, 2))}\n`
      : compared.map((task) => `${task.task}\n${renderComparison(task)}\n`).join('\n'),
  );
  for (const task of alone) host.stderr.write(`Warning: ${task}\n`);
  return exitCodeOf(host, compared);
}

async function comparePair(host: Host, pair: TaskPair, flags: Flags, readH5: ReadH5): Promise<ComparedTask> {
  const base = await measureSide(host, pair.base, readH5);
  const next = await measureSide(host, pair.new, readH5);
  refuse(pair.name, [...base, ...next], flags);
  const options: CompareOptions = {
    gate: gateOf(flags, base[0].settings.stream === 'true'),
    runSpread: flags.runSpread,
    allowUnsteady: flags.allow.includes(UNSTEADY),
  };
  return { task: pair.name, ...compareRuns(base, next, options) };
}

async function measureSide(host: Host, side: readonly TaskRun[], readH5: ReadH5): Promise<MeasuredRun[]> {
  const measured: MeasuredRun[] = [];
  for (const task of side) {
    const run = await readTask(task, readH5).catch(cannotCompare);
    const label = relative(host.cwd, task.folder) || task.folder;
    for (const warning of storageWarnings(run)) host.stderr.write(`Warning: ${label}: ${warning}\n`);
    measured.push(measureRun(run, label));
  }
  return measured;
}

/** Exit code 1 is a regression's alone. */
function cannotCompare(error: unknown): never {
  throw error instanceof UserError
    ? new UserError(EXIT.usage, `Cannot compare: ${error.message}`, { hint: error.hint, cause: error })
    : error;
}

/** Throws when the runs answer different questions, or one of them none. */
function refuse(name: string, runs: readonly MeasuredRun[], { allow }: Flags): void {
  const differing = differingSettings(runs).filter(({ setting }) => !allow.includes(setting));
  if (differing.length > 0) {
    const lines = differing.map(
      ({ setting, values }) =>
        `${setting} is ${values.map(({ value, label }) => `${value || '""'} in ${label}`).join(', ')}`,
    );
    throw new UserError(
      EXIT.usage,
      `Cannot compare ${name}: the runs measured different things: ${lines.join('; ')}.`,
      {
        hint: `To compare them anyway, add --allow ${differing.map(({ setting }) => setting).join(',')}.`,
      },
    );
  }
  const without = runs.find(({ noWindow }) => noWindow !== '');
  if (without) {
    throw new UserError(
      EXIT.usage,
      `Cannot compare ${name}: ${without.label} has no steady window: ${without.noWindow}.`,
      {
        hint: 'Run longer: more requests, or --pressure with a longer --pressure-time.',
      },
    );
  }
  const unsteady = runs.find(({ verdict }) => Object.values(verdict).every((one) => one === 'not steady'));
  if (unsteady && !allow.includes(UNSTEADY)) {
    throw new UserError(
      EXIT.usage,
      `Cannot compare ${name}: ${unsteady.label} is not steady: ${unsteady.failed.throughput.join('; ')}.`,
      { hint: 'Repeat the run, or compare anyway with --allow unsteady.' },
    );
  }
}

/** A figure that a run cannot have is missed only where the user named it. */
function gateOf({ gate }: Flags, stream: boolean): readonly PrecisionTarget[] {
  if (gate === undefined) return [];
  return gate.named || stream
    ? gate.targets
    : gate.targets.filter(({ metric }) => !streamOnly.includes(metric));
}

/** The worst of all tasks. With one run a side the noise between runs is not known, and not knowing fails nothing. */
function exitCodeOf(host: Host, compared: readonly ComparedTask[]): ExitCode {
  if (compared.some(({ gate }) => gate === 'regression')) return EXIT.failed;
  const undecided = compared.filter(({ gate }) => gate === 'undecided');
  if (undecided.some(({ basis }) => basis !== 'single runs')) return EXIT.undecided;
  for (const { task } of undecided)
    host.stderr.write(
      `Warning: the gate for ${task} passes although it is undecided. A single run per side cannot show a small change; use at least ${ADVISED_RUNS} per side.\n`,
    );
  return EXIT.ok;
}

function readGate(text: string): Flags['gate'] {
  const named = !/^\d+(\.\d+)?$/.test(text);
  const list = named ? text : usualMetrics.map((metric) => `${metric}:${text}`).join(',');
  const problems: string[] = [];
  const targets = readPrecision(list, (problem) => problems.push(problem));
  if (problems.length > 0 || targets === null) throw new InvalidArgumentError(`It ${problems[0]}.`);
  return { targets, named };
}

function readAllow(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !allowable.includes(name));
  if (wrong === undefined) return names;
  throw new InvalidArgumentError(
    `Expected names from ${allowable.join(', ')}, got "${wrong}"${didYouMean(wrong, allowable)}.`,
  );
}

function readSpread(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (percent <= 50) return percent / 100;
  throw new InvalidArgumentError('Expected a percentage from 0 to 50.');
}

function compareFlags(): Command {
  return new Command('ais_bench compare')
    .description(
      'Compares recorded runs with earlier ones, figure by figure of the steady state: the ratio with its 95% confidence interval, and better, worse, no change, or inconclusive. Refuses runs that measured different things. Sends and writes nothing.',
    )
    .argument(
      '<base>',
      'run folder, run timestamp in the work directory, or latest; for several runs a comma-separated list, or a folder that contains them',
    )
    .argument('<new>', 'the same for the new runs')
    .option(
      '--gate <pct>',
      'exit with 1 when throughput or the mean of TTFT, TPOT, or E2EL is worse by PCT percent; or METRIC:PCT,… as in --until-precise, e.g. throughput:3,ttft_p99:10',
      readGate,
    )
    .addOption(
      new Option('--allow <names>', `comma-separated list of differences to accept: ${allowable.join(', ')}`)
        .argParser(readAllow)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--run-spread <pct>',
        'assumed run-to-run variation in percent (standard deviation); used only with a single run per side',
      )
        .argParser(readSpread)
        .default(0.02, '2'),
    )
    .option('-w, --work-dir <dir>', 'folder of the runs', DEFAULT_WORK_DIR)
    .option('--json', 'print JSON instead of tables (in seconds, at full precision)', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 compared, no regression; 1 the gate found a regression; 2 invalid usage, or runs that\ncannot be compared; 3 the gate could not decide: repeat the runs.',
    );
}
