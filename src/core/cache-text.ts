/** What a run's cache policy means, in one sentence for the plan, the log and the result. */

import type { CacheUse } from './run.ts';
import { formatPercent } from './text/format-numbers.ts';

export function cacheText(use: CacheUse): string {
  const { policy, salt, saltTokens, sharedShare, primed } = use;
  if (policy === 'as-is') return 'as-is: rows are sent unchanged, and a prefix cache may know them';
  const behind = sharedShare > 0 ? `, after the ${formatPercent(sharedShare)} that prompts share` : '';
  const begins = `every request begins with a salt of ${saltTokens} tokens${behind}`;
  const source = `made from "${salt}"`;
  if (policy === 'fresh') return `fresh: ${begins} (${source})`;
  const first =
    primed > 0
      ? `${primed} shared ${primed === 1 ? 'prefix was' : 'prefixes were'} sent before the run`
      : 'prompts share no prefix that could be sent before the run';
  return `primed: ${first}; ${begins} (${source})`;
}

/** Why a prefix cache may have known rows that were sent as they are; '' when no row was sent twice. */
export function repeatText({ policy, repeats }: CacheUse, rows: number, cycled: boolean): string {
  if (policy !== 'as-is') return '';
  const reasons = [
    ...(cycled ? [`its ${rows} rows were sent more than once`] : []),
    ...(repeats === '' ? [] : [`run ${repeats} had sent the same rows to the same service`]),
  ];
  return reasons.join(', and ');
}
