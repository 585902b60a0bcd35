/** Everything about a task that must be right before its first request: data, tokenizer, service, plan. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { packageVersion } from '../../config/files/package-root.ts';
import { redactedConfig, redactText } from '../../config/redact.ts';
import type { DatasetConfig, ModelConfig, RunConfig } from '../../config/run-config.ts';
import { EXIT, UserError } from '../../core/errors.ts';
import type { HintContext } from '../../core/failures/failure-hints.ts';
import type { Plan } from '../../core/plan.ts';
import { turnsOf } from '../../core/prompts/conversation.ts';
import type { Sample, Target } from '../../core/protocol.ts';
import type { RunInfo } from '../../core/run.ts';
import { visible } from '../../core/text/outside-text.ts';
import { secretsOf } from '../../core/text/secrets.ts';
import type { LoadContext } from '../../datasets/dataset.ts';
import { loadSamples } from '../../datasets/registry.ts';
import type { FirstPrompt } from '../../datasets/text/prompt-log.ts';
import type { TokenCounter, Tokenizers } from '../../datasets/text/tokenizer.ts';
import { hostLimits } from '../../load/health/machine.ts';
import { expandRows, sentOptions } from '../../plan/expand-rows.ts';
import { planTask, workerCount } from '../../plan/plan-task.ts';
import { promptSent, saltingOf, sentRows } from '../../plan/salt-task.ts';
import { protocols } from '../../protocols/registry.ts';
import { outTokenLimit } from '../../protocols/shaped-body.ts';
import type { Host } from '../host/host.ts';
import { thisHost } from '../host/this-host.ts';
import type { Log } from '../screen/log.ts';
import { addressOf } from './ask-service.ts';
import { checkLimits } from './limits.ts';
import { checkWorkDir, detectModel, listedModels, probeService, unlistedText } from './preflight.ts';
import type { ServiceWait } from './service-wait.ts';

type Task = RunConfig['tasks'][number];

export interface PreparedTask {
  name: string;
  model: ModelConfig;
  plan: Plan;
  workers: number;
  /** How many it may have open at once. */
  connections: number;
  /** As the first pass sends them. */
  samples: Sample[];
  /** What an attempt of a request asks in its first turn. */
  promptOf: FirstPrompt;
  tokenizer: TokenCounter;
  untilPrecise: RunConfig['untilPrecise'];
  /** What hints on failures can speak of. */
  hints: HintContext;
  /** Complete but for what only the run knows: its start and its warm-up. */
  info: RunInfo;
}

/** How services are asked before the run. */
export interface Asking {
  log: Log;
  wait: ServiceWait;
}

/** How messages name a combination. */
export const taskName = (task: Task) => `${task.model.abbr}/${task.dataset.abbr}`;

/**
 * Loads data and tokenizer, asks the service, and makes the plan. With `dryRun` the service is not
 * asked. Throws a `UserError` naming what is missing and how to get it.
 */
export async function prepareTask(
  host: Host,
  config: RunConfig,
  task: Task,
  tokenizers: Tokenizers,
  { log, wait }: Asking,
): Promise<PreparedTask> {
  const { model, dataset } = task;
  const tokenizer = await tokenizers(model.path);
  const rows = await rowsOf(config, dataset, {
    cwd: host.cwd,
    cacheDir: host.env.AIS_BENCH_DATASETS_CACHE ?? '',
    seed: config.seed,
    tokenizer,
    maxOutTokens: model.maxOutTokens,
  });
  if (rows.length === 0) {
    throw new UserError(
      EXIT.usage,
      `The data set ${dataset.abbr} has no rows left (test_range ${dataset.testRange || 'not set'})`,
      {
        hint: 'Check test_range in the data-set config and --num-prompts.',
      },
    );
  }
  if (model.useTimestamp) rows.sort(byTimestamp);
  const unsalted = expandRows(rows, model.generation, host.cwd);
  const salting = saltingOf(config, task, unsalted, tokenizer);
  const samples = sentRows(unsalted, salting);
  const target = targetOf(model);
  let listed: string[] = [];
  if (!config.dryRun) listed = await checkService(target, model, { log, wait });
  const protocol = protocols[model.protocol];
  const plan = planTask(config, model, { protocol, target, samples: unsalted, salting });
  const workers = workerCount(config.workers, model.batchSize, availableParallelism());
  const connections = connectionsOf(plan, samples.length);
  if (!config.dryRun) checkLimits(connections, 'batch_size', hostLimits());
  if (!config.dryRun) checkWorkDir(config.workDir, requestsOf(samples), model.maxOutTokens);
  return {
    name: taskName(task),
    model,
    plan,
    workers,
    connections,
    samples,
    promptOf: (index, attempt) => promptSent(unsalted, salting, { index, attempt }),
    tokenizer,
    untilPrecise: config.untilPrecise,
    hints: {
      url: redactText(addressOf(plan.path, target.url).href),
      model: target.model,
      models: listed,
      hasKey: secretsOf(target).length > 0,
      stream: target.stream,
    },
    info: { ...runInfo(config, task, plan, workers, samples, tokenizer), cache: salting.use },
  };
}

/** The rows of the data set, or of all that were merged into it; `--num-prompts` counts in each of them. */
async function rowsOf({ numPrompts }: RunConfig, dataset: DatasetConfig, context: LoadContext) {
  const rows: Sample[] = [];
  for (const part of dataset.parts ?? [dataset]) {
    const own = await loadSamples(part.type, part.options, part.testRange, context);
    if (numPrompts !== null) own.splice(numPrompts);
    for (const row of own) rows.push(dataset.parts ? renamed(row, `${part.abbr}/${row.id}`) : row);
  }
  return rows;
}

/** Merged traces overlap in time, and a range may turn a trace round. Rows without a time stay last. */
function byTimestamp({ timestampMs: a = Infinity }: Sample, { timestampMs: b = Infinity }: Sample): number {
  return a === b ? 0 : a - b;
}

/** Not a copy: a row may write its prompt only when asked for it. */
const renamed = (row: Sample, id: string): Sample => Object.defineProperty(row, 'id', { value: id });

/** No more connections are opened than there are requests to fill them. */
function connectionsOf({ schedule }: Plan, requests: number): number {
  return endsByTime(schedule) ? schedule.limit : Math.min(schedule.limit, requests);
}

/** Each turn of a conversation is a request. */
const requestsOf = (samples: readonly Sample[]) => samples.reduce((sum, row) => sum + turnsOf(row), 0);

/** Requests come until the time is over, as often as it takes through the data. */
function endsByTime(schedule: Plan['schedule']): boolean {
  return 'durationMs' in schedule;
}

/** Returns the models that the service lists. */
async function checkService(target: Target, model: ModelConfig, { log, wait }: Asking): Promise<string[]> {
  const probe = await probeService(target, wait);
  const listed = listedModels(probe);
  if (target.model === '') {
    if (!protocols[model.protocol].namesModel) return listed;
    target.model = detectModel(probe, target);
    log.info(`Model name detected from the service: ${visible(target.model)}`);
  } else if (listed.length > 0 && !listed.includes(target.model)) {
    log.warn(unlistedText(model.abbr, target.model, listed));
  }
  return listed;
}

function targetOf(model: ModelConfig): Target {
  return {
    protocol: model.protocol,
    url: model.url,
    model: model.model,
    stream: model.stream,
    maxOutTokens: model.maxOutTokens,
    generation: sentOptions(model.generation),
    apiKey: model.apiKey,
    credentials: model.credentials,
    ...(model.caFile === '' ? {} : { ca: readCa(model.caFile) }),
    insecure: model.insecureSkipVerify,
  };
}

function readCa(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new UserError(EXIT.usage, `ca_file ${file} does not exist`, { hint: 'Give the path of a PEM file.' });
}

function runInfo(
  config: RunConfig,
  task: Task,
  plan: Plan,
  workers: number,
  samples: readonly Sample[],
  tokenizer: TokenCounter,
): RunInfo {
  const { schedule } = plan;
  return {
    format: 1,
    tool: { name: 'ais-bench', version: packageVersion() },
    host: thisHost(),
    startedAtUnixMs: 0,
    modelAbbr: task.model.abbr,
    ...(task.model.shownAs && { shownAs: task.model.shownAs }),
    datasetAbbr: task.dataset.abbr,
    protocol: task.model.protocol,
    stream: task.model.stream,
    url: redactText(plan.target.url),
    model: plan.target.model,
    batchSize: task.model.batchSize,
    workers,
    schedule:
      schedule.kind === 'timestamps'
        ? { kind: 'timestamps', limit: schedule.limit, requests: schedule.atMs.length }
        : schedule,
    plannedRequests: endsByTime(schedule) ? null : requestsOf(samples),
    samples: samples.length,
    ...forcedLengths(samples, plan.target),
    seed: config.seed,
    tokenizer: tokenizer.name,
    warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
    config: redactedConfig(config),
  };
}

/** Output lengths that the service has no say in; see `RunInfo`. */
function forcedLengths(samples: readonly Sample[], target: Target): Pick<RunInfo, 'forcedOutTokens'> {
  if (target.generation.ignore_eos !== true) return {};
  const lengths = samples.flatMap((sample) => outTokenLimit(sample, target) ?? []);
  // Without a limit nothing is forced: the service goes on to the end of its context.
  if (lengths.length < samples.length) return {};
  return { forcedOutTokens: lengths.every((length) => length === lengths[0]) ? lengths[0] : lengths };
}
