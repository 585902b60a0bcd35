/** What a checked configuration does that its author may not expect. */
import { loadShape, noEffectWarnings } from './flags/no-effect.ts';
import type { RunFlags } from './flags/run-flags.ts';
import { isSending, type ModelConfig, type RunConfig } from './run-config.ts';

/** One line each; those of a model task begin with its name. */
export function runWarnings(flags: RunFlags, config: RunConfig): string[] {
  const warnings = noEffectWarnings(flags, config);
  if (!isSending(config)) return warnings;
  const models = [...new Set(config.tasks.map((t) => t.model))];
  return [...warnings, ...models.flatMap((m) => [...fillWarnings(config, m), ...atOnceWarnings(config, m)])];
}

/** `--ramp staggered` needs a warm-up a slot. */
function fillWarnings(config: RunConfig, model: ModelConfig): string[] {
  const { rampMs, warmups } = config;
  const { abbr, batchSize } = model;
  const isByClock = !['pressure', 'closed loop'].includes(loadShape(config, model));
  if (rampMs !== 'e2el' || isByClock || warmups === null || warmups >= batchSize) return [];
  return [
    `${abbr}: ${warmups} warm-up request(s) do not fill ${batchSize} slots, so --ramp staggered underestimates E2EL under load. Omit --num-warmups, or use staggered:SECONDS`,
  ];
}

function atOnceWarnings({ rampMs, pressure }: RunConfig, model: ModelConfig): string[] {
  const { abbr, batchSize, traffic, requestsPerS } = model;
  if (!pressure || rampMs !== null || traffic.ramp || requestsPerS > 0) return [];
  return [
    `${abbr}: request_rate is 0, so all ${batchSize} clients of the stress test start at once. Set it to add them gradually`,
  ];
}
