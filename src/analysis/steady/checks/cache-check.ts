/** Plug-in: was a prefix cache measured? */
import { repeatText } from '../../../core/cache-text.ts';
import type { CacheUse } from '../../../core/run.ts';
import { formatPercent } from '../../../core/text/format-numbers.ts';
import { type PassEffect, passEffect, type ReportedShare, reportedShare } from '../cache-effect.ts';
import { both, type Check } from './check.ts';

/** Beyond what prompts were asked to share: less than this changes no figure by more than its interval. */
const MAX_SHARE = 0.05;
/** TTFT lower by this beyond doubt is no chance, and within it beyond doubt is no cache. */
const MIN_GAIN = 0.25;
const MAX_CHANCE_GAIN = 0.1;

export const cacheShare: Check = {
  name: 'cache_share',
  concerns: both,
  threshold:
    '5 % of the prompt tokens from a prefix cache beyond the requested sharing; without counts, a TTFT 25 % lower for repeated rows',
  needs: 'window',
  run({ run, table, steady }) {
    const { cache, samples } = run.info;
    const { rows } = steady.cohort;
    const share = reportedShare(table, rows);
    const effect = share === null && samples > 0 ? passEffect(table, samples, steady.load) : null;
    if (cache === undefined && share === null && !isGain(effect)) {
      return { result: 'not tested', found: 'the run does not record how its requests began' };
    }
    const cycled = samples > 0 && Array.from(rows).some((row) => table.index[row] >= samples);
    const reason = cache ? repeatText(cache, samples, cycled) : '';
    const isDoubtful =
      share === null
        ? isDoubtfulByTime(effect, reason, cache?.repeats === '')
        : isDoubtfulByCount(share, cache, reason);
    return {
      result: isDoubtful ? 'reservation' : 'ok',
      found: foundOf(share, effect, cache, reason),
      advice: adviceFor(cache),
    };
  },
};

/** Rows that go out as they are may share what the data share; what makes them doubtful is that they were sent before. */
function isDoubtfulByCount(
  { share, template }: ReportedShare,
  cache: CacheUse | undefined,
  reason: string,
): boolean {
  const isMuch = share - template - (cache?.sharedShare ?? 0) > MAX_SHARE;
  return isMuch && (cache?.policy !== 'as-is' || reason !== '');
}

function isDoubtfulByTime(effect: PassEffect | null, reason: string, isFirstRun: boolean): boolean {
  if (isGain(effect)) return true;
  const isNone = effect !== null && effect.low > -MAX_CHANCE_GAIN;
  return reason !== '' && !(isNone && isFirstRun);
}

function isGain(effect: PassEffect | null): boolean {
  return effect !== null && effect.high < -MIN_GAIN && !effect.goesOn;
}

function foundOf(
  share: ReportedShare | null,
  effect: PassEffect | null,
  cache: CacheUse | undefined,
  reason: string,
): string {
  const policy = cache ? `${cache.policy}: ` : '';
  const why = reason === '' ? '' : `; ${reason}`;
  if (share !== null) {
    const asked = cache?.sharedShare ? ` (${formatPercent(cache.sharedShare)} were meant to be shared)` : '';
    return `${policy}${formatPercent(share.share)} of the prompt tokens came from a cache${asked}${why}`;
  }
  if (effect !== null) {
    const { change, low, high, rows } = effect;
    return `${policy}TTFT of ${rows} repeated rows changed by ${formatPercent(change)} (${formatPercent(low)} to ${formatPercent(high)})${why}`;
  }
  const began =
    cache?.policy === 'as-is' ? 'no row is known to be repeated' : 'every request began with its own salt';
  return `${policy}${reason === '' ? began : reason}; the service does not report cached tokens`;
}

function adviceFor(cache: CacheUse | undefined): string {
  if (cache === undefined || cache.policy === 'as-is') {
    return 'The service may have seen these prompts before. Use --cache fresh to measure new ones, or restart the service and send each row once.';
  }
  return 'Prompts that no other request shares were found in a cache. Check what the service caches besides prefixes.';
}
