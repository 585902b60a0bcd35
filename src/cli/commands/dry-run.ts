/** `--dry-run`: the resolved plan of a task, in words. Nothing is sent and nothing is written. */
import { cacheText } from '../../core/cache-text.ts';
import type { ScheduleSpec } from '../../core/plan.ts';
import type { Sample } from '../../core/protocol.ts';
import { type ProtocolName, protocols } from '../../protocols/registry.ts';
import { fancyGrid } from '../../reporters/fancy-grid.ts';
import type { Host } from '../host/host.ts';
import { cacheWarning } from '../screen/cache-warning.ts';
import { addressOf } from '../task/ask-service.ts';
import type { PreparedTask } from '../task/prepare-task.ts';

export function printPlan(host: Host, task: PreparedTask): void {
  const { info, plan } = task;
  const endpoint = addressOf(plan.path, info.url).href;
  const rows = [
    ['Task', task.name],
    ['Endpoint', `${endpoint} (${info.stream ? 'streaming' : 'not streaming'})`],
    ['Model', info.model === '' ? unnamed(info.protocol) : info.model],
    [
      'Requests',
      info.plannedRequests === null
        ? `until time limit, cycling ${info.samples} prompts`
        : String(info.plannedRequests),
    ],
    ['Load', describeSchedule(plan.schedule, plan.fillFirst === true)],
    ['Max Concurrency', String(info.batchSize)],
    ['Workers', String(task.workers)],
    ['Warm-up requests', String(plan.warmups)],
    ['Retries', String(plan.retries)],
    ['Input tokens', inputTokens(task)],
    ['Max output tokens', outputTokens(task.samples, plan.target.maxOutTokens)],
    ['Token counting', `usage reported by the service, otherwise ${info.tokenizer}`],
    ['Seed', String(info.seed)],
    ...(info.cache ? [['Prefix cache', cacheText(info.cache)]] : []),
  ];
  host.stdout.write(`${fancyGrid(['Plan', 'Value'], rows)}\n`);
  const warning = cacheWarning(info, plan);
  if (warning !== '') host.stderr.write(`${warning}\n`);
}

function unnamed(protocol: string): string {
  const { namesModel } = protocols[protocol as ProtocolName];
  return namesModel ? 'read from v1/models when the run starts' : 'the one that the service has loaded';
}

const FILLED = 'filled one after the other before the run, over one E2EL of the warm-ups';

/** A load shape in one line. */
function describeSchedule(s: ScheduleSpec, fillFirst: boolean): string {
  switch (s.kind) {
    case 'closed':
      if (fillFirst) return `closed loop, ${s.limit} slots ${FILLED}`;
      return `closed loop, ${s.limit} slots ${s.rampMs ? `opened over ${s.rampMs / 1000} s` : 'filled at once'}`;
    case 'pressure':
      return `stress test for ${s.durationMs / 1000} s: ${describeClients(s, fillFirst)}`;
    case 'timestamps':
      return `open loop at the timestamps of the dataset, over ${((s.atMs.at(-1) ?? 0) / 1000).toFixed(1)} s, at most ${s.limit} in flight`;
    case 'rate':
      return s.ramp
        ? `open loop, ${s.ramp.strategy} ramp from ${s.ramp.startRps} to ${s.ramp.endRps} requests/s, at most ${s.limit} in flight`
        : `open loop at ${s.requestsPerS} requests/s, burstiness ${s.burstiness}, at most ${s.limit} in flight`;
  }
}

function describeClients(s: Extract<ScheduleSpec, { kind: 'pressure' }>, fillFirst: boolean): string {
  const ramp = s.traffic?.ramp;
  if (fillFirst) return `${s.limit} clients ${FILLED}`;
  if (ramp)
    return `${s.limit} clients, ${ramp.strategy} ramp from ${ramp.startRps} to ${ramp.endRps} added per second`;
  if (s.clientsPerS <= 0) return `all ${s.limit} clients at once`;
  const lastS = ((s.limit - 1) / s.clientsPerS).toFixed(1);
  return `${s.clientsPerS} clients added per second, all ${s.limit} after ${lastS} s`;
}

function inputTokens(task: PreparedTask): string {
  const counts = task.samples.map((s) => s.promptTokens ?? task.tokenizer.countPrompt(s.prompt));
  const { min, max, sum } = spread(counts);
  return `${min} to ${max}, ${(sum / counts.length).toFixed(1)} on average (${task.tokenizer.name})`;
}

function outputTokens(samples: readonly Sample[], fallback: number): string {
  const { min, max } = spread(samples.map((s) => s.maxOutTokens ?? fallback));
  return min === max ? String(max) : `${min} to ${max}`;
}

function spread(values: readonly number[]) {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let sum = 0;
  for (const v of values) {
    min = Math.min(min, v);
    max = Math.max(max, v);
    sum += v;
  }
  return { min, max, sum };
}
