/** What a run's salts are made from: drawn anew, or from `--seed` and how often that seed was used here. */
import { randomBytes } from 'node:crypto';
import type { RunConfig } from '../../config/run-config.ts';
import type { Log } from '../screen/log.ts';
import { type EarlierRun, earlierRuns, sentTasks } from './earlier-runs.ts';
import { taskName } from './prepare-task.ts';

const DRAWN_BYTES = 8;

/**
 * The configuration with its salt. A run that repeats an earlier one gets a salt of its own, which is said when it
 * changes what a seed brings back; where rows are sent as they are, what was sent before is found out.
 */
export function withSalt(config: RunConfig, log: Log): RunConfig {
  const { cache, seed } = config;
  const own = sentTasks(config);
  const sentBefore: Record<string, string> = {};
  let used: EarlierRun | null = null;
  for (const run of earlierRuns(config.workDir)) {
    own.forEach(({ url, rows, asIs }, at) => {
      const isRepeat = run.tasks.some((task) => task.asIs && task.url === url && task.rows === rows);
      if (asIs && isRepeat) sentBefore[taskName(config.tasks[at])] ??= run.stamp;
    });
    const isSameService = run.tasks.some(({ url }) => own.some((task) => task.url === url));
    if (used === null && isSameService && numberOf(run.salt, seed) > 0) used = run;
  }
  const salt = cache.salt || (cache.seeded ? seedSalt(seed, used) : drawn());
  const isSalted = own.some(({ asIs }) => !asIs);
  if (cache.salt === '' && cache.seeded && used !== null && isSalted) {
    log.info(
      `--seed ${seed}: run ${used.stamp} already sent the requests of this seed to this service, so this run makes its salts from "${salt}". Use --cache-salt ${used.salt} to repeat the earlier bytes.`,
    );
  }
  return { ...config, cache: { ...cache, salt, sentBefore } };
}

function drawn(): string {
  return randomBytes(DRAWN_BYTES).toString('hex');
}

function seedSalt(seed: number, used: EarlierRun | null): string {
  const number = used === null ? 1 : numberOf(used.salt, seed) + 1;
  return number === 1 ? `seed-${seed}` : `seed-${seed}-${number}`;
}

/** How often the seed had been used by then; 0: the salt is not made from it. */
function numberOf(salt: string, seed: number): number {
  const parts = /^seed-(\d+)(?:-(\d+))?$/.exec(salt);
  return parts === null || Number(parts[1]) !== seed ? 0 : Number(parts[2] ?? 1);
}
