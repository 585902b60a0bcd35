import { availableParallelism } from 'node:os';
import { redactText } from '../../config/redact.ts';
import type { ModelConfig, RunConfig } from '../../config/run-config.ts';
import type { HintContext } from '../../core/failures/failure-hints.ts';
import type { Plan } from '../../core/plan.ts';
import type { Sample, Target } from '../../core/protocol.ts';
import type { RunInfo } from '../../core/run.ts';
import { visible } from '../../core/text/outside-text.ts';
import { secretsOf } from '../../core/text/secrets.ts';
import type { FirstPrompt } from '../../datasets/text/prompt-log.ts';
import type { TokenCounter, Tokenizers } from '../../datasets/text/tokenizer.ts';
import { hostLimits } from '../../load/health/machine.ts';
import { loadRows } from '../../plan/load-rows.ts';
import { planTask, workerCount } from '../../plan/plan-task.ts';
import { promptSent, saltingOf, sentRows } from '../../plan/salt-task.ts';
import { targetOf } from '../../plan/target.ts';
import { protocols } from '../../protocols/registry.ts';
import type { Host } from '../host/host.ts';
import type { Log } from '../screen/log.ts';
import { addressOf } from './ask-service.ts';
import { checkLimits } from './limits.ts';
import { checkWorkDir, detectModel, listedModels, probeService, unlistedText } from './preflight.ts';
import { endsByTime, requestsOf, runInfo } from './run-info.ts';
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

/** What the tasks of a run are prepared with. */
export interface Preparing {
  host: Host;
  config: RunConfig;
  tokenizers: Tokenizers;
  log: Log;
  wait: ServiceWait;
}

/** How messages name a combination. */
export const taskName = (task: Task) => `${task.model.abbr}/${task.dataset.abbr}`;

/**
 * Loads data and tokenizer, asks the service, and makes the plan. With `dryRun` the service is not
 * asked. Throws a `UserError` naming what is missing and how to get it.
 */
export async function prepareTask(task: Task, preparing: Preparing): Promise<PreparedTask> {
  const { host, config, tokenizers } = preparing;
  const { model } = task;
  const tokenizer = await tokenizers(model.path);
  const unsalted = await loadRows(config, task, {
    cwd: host.cwd,
    cacheDir: host.env.AIS_BENCH_DATASETS_CACHE ?? '',
    seed: config.seed,
    tokenizer,
    maxOutTokens: model.maxOutTokens,
  });
  const salting = saltingOf(config, task, unsalted, tokenizer);
  const samples = sentRows(unsalted, salting);
  const target = targetOf(model);
  let listed: string[] = [];
  if (!config.dryRun) listed = await checkService(target, model, preparing);
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
    info: { ...runInfo(config, task, { plan, workers, samples, tokenizer }), cache: salting.use },
  };
}

/** No more connections are opened than there are requests to fill them. */
function connectionsOf({ schedule }: Plan, requests: number): number {
  return endsByTime(schedule) ? schedule.limit : Math.min(schedule.limit, requests);
}

/** Returns the models that the service lists. */
async function checkService(target: Target, model: ModelConfig, { log, wait }: Preparing): Promise<string[]> {
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
