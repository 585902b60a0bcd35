/** Exact statistics. Percentiles interpolate linearly between order statistics at h = (n − 1)p, as numpy's default does. */

export interface Distribution {
  n: number;
  mean: number;
  min: number;
  max: number;
  /** p from 0 to 1. */
  quantile(p: number): number;
}

const MAX_STATS = 8;
export const defaultStats = ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'];

/**
 * Checks a summarizer's `stats_list`: Average, Min, Max, Median, P1 … P99, up to 8 of them. What is not
 * legal is dropped and what is too much is cut, each with a warning; nothing left means Average.
 */
export function parseStatsList(list: readonly unknown[]): { stats: string[]; warnings: string[] } {
  const warnings: string[] = [];
  const legal: string[] = [];
  for (const name of list) {
    if (typeof name !== 'string' || !isStatName(name)) {
      warnings.push(
        `stats_list: ${JSON.stringify(name)} is ignored; expected Average, Min, Max, Median, or P1 … P99`,
      );
    } else if (legal.includes(name)) {
      warnings.push(`stats_list: ${JSON.stringify(name)} appears twice; the second is ignored`);
    } else legal.push(name);
  }
  const stats = legal.slice(0, MAX_STATS);
  if (legal.length > MAX_STATS) {
    warnings.push(`stats_list: at most ${MAX_STATS} entries; ignored: ${legal.slice(MAX_STATS).join(', ')}`);
  }
  if (stats.length === 0) {
    warnings.push('stats_list: no valid entry; Average is used');
    stats.push('Average');
  }
  return { stats, warnings };
}

export function isStatName(name: string): boolean {
  return /^(Average|Min|Max|Median)$/.test(name) || /^P0*[1-9]\d?$/.test(name);
}

/** The value of a name from `stats_list`. */
export function statOf(distribution: Distribution, name: string): number {
  if (name === 'Average') return distribution.mean;
  if (name === 'Min') return distribution.min;
  if (name === 'Max') return distribution.max;
  return distribution.quantile(probabilityOf(name));
}

/** The quantiles that these names from `stats_list` read. */
export function quantilesOf(statsList: readonly string[]): number[] {
  return statsList.map(probabilityOf).filter((p) => !Number.isNaN(p));
}

/** NaN for a statistic that is no quantile. */
function probabilityOf(name: string): number {
  return name === 'Median' ? 0.5 : Number(name.slice(1)) / 100;
}

/** Sorts `values` in place. Summing in sorted order makes the mean independent of the order they came in. */
export function distributionOf(values: Float64Array): Distribution {
  const n = values.length;
  values.sort();
  let sum = 0;
  for (const value of values) sum += value;
  return {
    n,
    mean: sum / n,
    min: n > 0 ? values[0] : Number.NaN,
    max: n > 0 ? values[n - 1] : Number.NaN,
    quantile(p) {
      const { rank, share } = rankOf(n, p);
      return n > 0 ? between(values[rank], values[Math.min(rank + 1, n - 1)], share) : Number.NaN;
    },
  };
}

/** Where the quantile p of n values lies: `share` of the way from order statistic `rank` to the next. */
export function rankOf(n: number, p: number): { rank: number; share: number } {
  const h = (n - 1) * p;
  const rank = Math.floor(h);
  return { rank, share: h - rank };
}

/** Linear interpolation from the nearer end, as numpy does it: exact at both ends and monotone. */
export function between(low: number, high: number, share: number): number {
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}

/** NaN of no values. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
