/**
 * Settings that something else makes idle. One row each, and src/cli/no-effect.test.ts holds every row against
 * the load that comes of it: with a row, the load is the same without the setting; without one, it differs.
 */

import { isSending, type ModelConfig, type RunConfig } from '../run-config.ts';
import { MIN_RATE } from '../schemas.ts';
import { type Flag, flagName } from './flag.ts';
import { type FlagKey, type RunFlags, runFlags } from './run-flags.ts';

interface Row<Where> {
  /** The flag, or the key of a model task. */
  setting: string;
  /** It was given, and does nothing. */
  when(where: Where): boolean;
  /** Completes "… has no effect". */
  because: string;
}

interface OfRun {
  flags: RunFlags;
  config: RunConfig;
}

interface OfModel extends OfRun {
  model: ModelConfig;
  shape: LoadShape;
}

type LoadShape = 'pressure' | 'time stamps' | 'ramp' | 'rate' | 'closed loop';

/** What decides when requests of this model are sent. */
export function loadShape(
  { pressure }: RunConfig,
  { useTimestamp, traffic, requestsPerS }: ModelConfig,
): LoadShape {
  if (pressure) return 'pressure';
  if (useTimestamp) return 'time stamps';
  if (traffic.ramp) return 'ramp';
  return requestsPerS >= MIN_RATE ? 'rate' : 'closed loop';
}

const hasTraffic = ({ traffic }: ModelConfig) => traffic.ramp !== null || traffic.burstiness > 0;
const addsClientsByRamp = ({ config, shape }: OfModel) => shape === 'pressure' && config.rampMs !== null;

/** Flags that only do something together with another one. */
const needing: readonly Row<OfRun>[] = Object.entries<Flag<unknown>>(runFlags).flatMap(([key, row]) => {
  if (row.needs === undefined) return [];
  const needed = row.needs as FlagKey;
  const isIdle = ({ given }: RunFlags) => given.has(key as FlagKey) && !given.has(needed);
  const because = `without ${flagName(runFlags[needed])}`;
  return [{ setting: flagName(row), when: ({ flags }: OfRun) => isIdle(flags), because }];
});

const ofRun: readonly Row<OfRun>[] = [
  ...needing,
  {
    setting: '--pressure-time',
    when: ({ flags: { given } }) =>
      given.has('pressureMs') && given.has('pressure') && given.has('untilPrecise'),
    because: 'with --until-precise, where --max-time ends the run',
  },
  {
    setting: '--spec-decode',
    when: ({ flags, config }) => flags.specDecode && !isSending(config),
    because: 'when nothing is sent, because it queries the service during a run',
  },
  {
    setting: '--max-num-workers',
    when: ({ flags }) => flags.maxNumWorkers > 1 && flags.debug,
    because: 'with --debug, which runs tasks one after the other',
  },
];

/** Asked only of runs that send. */
const ofModel: readonly Row<OfModel>[] = [
  {
    setting: '--hold',
    when: ({ config, shape }) =>
      config.holdMs !== null && config.holdMs > 0 && !config.untilPrecise && shape === 'time stamps',
    because: 'on requests that follow timestamps, because there is no constant load to hold',
  },
  {
    setting: '--hold',
    when: ({ config, shape }) =>
      config.holdMs !== null && config.holdMs > 0 && !config.untilPrecise && shape === 'ramp',
    because: 'on requests that follow a ramp, because there is no constant load to hold',
  },
  {
    setting: '--ramp',
    when: ({ config, shape }) => config.rampMs !== null && shape !== 'pressure' && shape !== 'closed loop',
    because: 'on requests that follow a schedule',
  },
  {
    setting: 'use_timestamp',
    when: ({ model, shape }) => model.useTimestamp && shape === 'pressure',
    because: 'with --pressure',
  },
  {
    setting: 'request_rate',
    when: ({ model, shape }) => model.requestsPerS > 0 && shape === 'time stamps',
    because: 'with use_timestamp',
  },
  {
    setting: 'request_rate',
    when: ({ model, shape }) => model.requestsPerS > 0 && shape === 'ramp',
    because: 'with ramp_up_strategy, because the ramp sets the rate',
  },
  {
    setting: 'request_rate',
    when: (where) => where.model.requestsPerS > 0 && addsClientsByRamp(where),
    because: 'with --pressure and --ramp, because the slots open over the time of --ramp',
  },
  {
    setting: 'request_rate',
    when: ({ config, model, shape }) =>
      model.requestsPerS > 0 && shape === 'pressure' && config.rampMs === null && model.traffic.ramp !== null,
    because: 'with --pressure and ramp_up_strategy, because the ramp sets how clients are added',
  },
  {
    setting: 'traffic_cfg',
    when: ({ model, shape }) => hasTraffic(model) && shape === 'time stamps',
    because: 'with use_timestamp',
  },
  {
    setting: 'traffic_cfg',
    when: (where) => hasTraffic(where.model) && addsClientsByRamp(where),
    because: 'with --pressure and --ramp, because the slots open over the time of --ramp',
  },
  {
    setting: 'traffic_cfg',
    when: ({ config, model, shape }) =>
      hasTraffic(model) &&
      model.traffic.ramp === null &&
      (shape === 'closed loop' ||
        (shape === 'pressure' && config.rampMs === null && model.requestsPerS === 0)),
    because: 'without request_rate, because burstiness varies the gaps between arrivals',
  },
];

/** The settings that have no effect in this run, one line each; those of a model task begin with its name. */
export function noEffectWarnings(flags: RunFlags, config: RunConfig): string[] {
  const run = ofRun.filter((row) => row.when({ flags, config })).map(lineOf);
  if (!isSending(config)) return run;
  const models = [...new Set(config.tasks.map(({ model }) => model))];
  const own = models.flatMap((model) => {
    const where = { flags, config, model, shape: loadShape(config, model) };
    return ofModel.filter((row) => row.when(where)).map((row) => `${model.abbr}: ${lineOf(row)}`);
  });
  return [...run, ...own];
}

const lineOf = ({ setting, because }: Row<never>) => `${setting} has no effect ${because}`;

/** Every row in words, for the test that wants an example of each. */
export const noEffectLines = [...ofRun, ...ofModel].map(lineOf);
