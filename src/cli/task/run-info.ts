/** What a run's record says of a task, but for what only the run knows. */
import { packageVersion } from '../../config/files/package-root.ts';
import { redactedConfig, redactText } from '../../config/redact.ts';
import type { RunConfig } from '../../config/run-config.ts';
import type { Plan } from '../../core/plan.ts';
import { turnsOf } from '../../core/prompts/conversation.ts';
import type { Sample, Target } from '../../core/protocol.ts';
import type { RunInfo } from '../../core/run.ts';
import type { TokenCounter } from '../../datasets/text/tokenizer.ts';
import { outTokenLimit } from '../../protocols/shaped-body.ts';
import { thisHost } from '../host/this-host.ts';

/** What a task was prepared to. */
interface Prepared {
  plan: Plan;
  workers: number;
  samples: readonly Sample[];
  tokenizer: TokenCounter;
}

export function runInfo(
  config: RunConfig,
  task: RunConfig['tasks'][number],
  { plan, workers, samples, tokenizer }: Prepared,
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

/** Each turn of a conversation is a request. */
export const requestsOf = (samples: readonly Sample[]) => samples.reduce((sum, row) => sum + turnsOf(row), 0);

/** Requests come until the time is over, as often as it takes through the data. */
export function endsByTime(schedule: Plan['schedule']): boolean {
  return 'durationMs' in schedule;
}
