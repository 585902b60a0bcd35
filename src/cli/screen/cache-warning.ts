/** What has to be known of the service's prefix cache before a task starts. */
import type { Plan } from '../../core/plan.ts';
import type { CacheUse, RunInfo } from '../../core/run.ts';

const REMEDY = 'Use --cache fresh to begin every request with a salt that no cache knows.';

/** One line, or '' when there is nothing to warn of. */
export function cacheWarning({ cache, samples }: RunInfo, plan: Pick<Plan, 'schedule' | 'holdMs'>): string {
  if (cache === undefined) return '';
  if (cache.policy === 'primed' && cache.primed === 0) {
    return '--cache primed: the prompts share no prefix of 16 tokens or more, so the run is measured as with --cache fresh.';
  }
  return cache.policy === 'as-is' ? asIsWarning(cache, samples, plan) : '';
}

function asIsWarning(
  { repeats }: CacheUse,
  rows: number,
  { schedule, holdMs }: Pick<Plan, 'schedule' | 'holdMs'>,
): string {
  const again = `--cache as-is: the run repeats its ${rows} rows after all have been sent`;
  const repeated = `run ${repeats} sent the same rows to this service`;
  const effect = 'A service with a prefix cache answers repeated requests faster than new ones.';
  const cycled = 'durationMs' in schedule || holdMs !== 0;
  if (cycled) return `${again}${repeats === '' ? '' : `, and ${repeated}`}. ${effect} ${REMEDY}`;
  return repeats === '' ? '' : `--cache as-is: ${repeated}. ${effect} ${REMEDY}`;
}
