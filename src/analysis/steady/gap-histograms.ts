/**
 * Distributions of gaps by time segment in bounded memory: 256 buckets to an octave, so a bucket is 0.4 % wide. The least
 * and the largest value of each bucket are known, so a quantile is within 0.2 %, and exact where all gaps are equal.
 */

const BUCKETS_PER_OCTAVE = 256;
const OCTAVE_BITS = 8;
/** For whole numbers below 2^32. */
const BUCKETS = (32 - OCTAVE_BITS + 1) * BUCKETS_PER_OCTAVE;

export interface GapHistograms {
  /** A whole number of µs below 2^32, `count` times. */
  add(segment: number, gapUs: number, count?: number): void;
  /** `add` for each of `gapsUs` from `from` up to `to`. */
  addAll(segment: number, gapsUs: Uint32Array, from: number, to: number): void;
  /** The segments from `first` up to `end`, put together in `groups` contiguous groups. */
  between(first: number, end: number, groups: number): GapSample;
}

export interface GapSample {
  /** Gaps in each group. */
  counts: Float64Array;
  /** Smallest value with a share of at least `p` of all gaps at or below it, NaN for none. */
  quantile(p: number): number;
  /** For each group, how many gaps are at or below `value`, one that `quantile` gave. */
  upTo(value: number): Float64Array;
}

export function createGapHistograms(segments: number): GapHistograms {
  const counts: (Uint32Array | undefined)[] = Array.from({ length: segments });
  const least = new Uint32Array(BUCKETS).fill(0xffff_ffff);
  const largest = new Uint32Array(BUCKETS);
  const segmentCounts = (segment: number) => {
    const created = new Uint32Array(BUCKETS);
    counts[segment] = created;
    return created;
  };
  return {
    add(segment, gapUs, count = 1) {
      const bucket = bucketOf(gapUs);
      const into = counts[segment] ?? segmentCounts(segment);
      into[bucket] += count;
      if (gapUs < least[bucket]) least[bucket] = gapUs;
      if (gapUs > largest[bucket]) largest[bucket] = gapUs;
    },
    addAll(segment, gapsUs, from, to) {
      const into = counts[segment] ?? segmentCounts(segment);
      for (let i = from; i < to; i++) {
        const gapUs = gapsUs[i];
        const bucket = bucketOf(gapUs);
        into[bucket]++;
        if (gapUs < least[bucket]) least[bucket] = gapUs;
        if (gapUs > largest[bucket]) largest[bucket] = gapUs;
      }
    },
    between(first, end, groups) {
      const used = largest.reduce((list, value, bucket) => {
        if (value >= least[bucket]) list.push(bucket);
        return list;
      }, [] as number[]);
      const byGroup = Array.from({ length: groups }, () => new Float64Array(used.length));
      for (let segment = first; segment < end; segment++) {
        const from = counts[segment];
        if (from === undefined) continue;
        const group = byGroup[Math.floor(((segment - first) / (end - first)) * groups)];
        for (let i = 0; i < used.length; i++) group[i] += from[used[i]];
      }
      return sampleOf(
        byGroup,
        used.map((bucket) => (least[bucket] + largest[bucket]) / 2),
      );
    },
  };
}

/** `values`: the ascending values that the columns of each group count. */
function sampleOf(byGroup: Float64Array[], values: number[]): GapSample {
  const pooled = values.map((_, i) => byGroup.reduce((all, group) => all + group[i], 0));
  const total = pooled.reduce((all, n) => all + n, 0);
  return {
    counts: Float64Array.from(byGroup, (group) => group.reduce((all, n) => all + n, 0)),
    quantile(p) {
      let below = 0;
      let last = Number.NaN;
      for (let i = 0; i < values.length; i++) {
        if (pooled[i] === 0) continue;
        below += pooled[i];
        last = values[i];
        // Rounding must not push a share of exactly p past its value.
        if (below >= (p - 1e-9) * total) return last;
      }
      return last;
    },
    upTo(limit) {
      const end = values.findLastIndex((value) => value <= limit) + 1;
      return Float64Array.from(byGroup, (group) => group.subarray(0, end).reduce((all, n) => all + n, 0));
    },
  };
}

/** Values below 512 have a bucket each; above, 256 to an octave. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - OCTAVE_BITS);
  return shift * BUCKETS_PER_OCTAVE + (value >>> shift);
}
