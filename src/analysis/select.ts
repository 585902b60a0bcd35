/**
 * Exact order statistics of many doubles without sorting or copying them: one pass counts the values by the upper 20
 * bits of their order-preserving bit pattern (sign, exponent, 8 bits of mantissa: 256 buckets to an octave), and each
 * rank sorts the values of its own bucket alone.
 */
import { between, type Distribution, rankOf } from './stats.ts';

const BUCKET_BITS = 20;
const SHIFT = 32 - BUCKET_BITS;

/** Sees `values` at each call of `quantile`, so they must not change. None may be NaN. */
export function selectingDistribution(values: Float64Array): Distribution {
  const n = values.length;
  const { counts, sum, min, max } = countBuckets(values);
  const sorted = new Map<number, Float64Array>();
  const at = (rank: number) => {
    let bucket = 0;
    let below = 0;
    while (below + counts[bucket] <= rank) below += counts[bucket++];
    const members = sorted.get(bucket) ?? sortedBucket(values, bucket, counts[bucket]);
    sorted.set(bucket, members);
    return members[rank - below];
  };
  return {
    n,
    mean: sum / n,
    min,
    max,
    quantile(p) {
      const { rank, share } = rankOf(n, p);
      return n > 0 ? between(at(rank), at(Math.min(rank + 1, n - 1)), share) : Number.NaN;
    },
  };
}

/** The sum carries its rounding errors along (Knuth's two-sum), so that the order of the values does not show in it. */
function countBuckets(values: Float64Array) {
  const counts = new Uint32Array(2 ** BUCKET_BITS);
  const highs = highWords(values);
  let [sum, lost] = [0, 0];
  let min = values.length > 0 ? values[0] : Number.NaN;
  let max = min;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    counts[bucketOf(highs[2 * i + 1])]++;
    if (value < min) min = value;
    if (value > max) max = value;
    const next = sum + value;
    const part = next - sum;
    lost += sum - (next - part) + (value - part);
    sum = next;
  }
  return { counts, sum: Number.isFinite(sum) ? sum + lost : sum, min, max };
}

/** The members of one bucket, ascending. */
function sortedBucket(values: Float64Array, bucket: number, count: number): Float64Array {
  const highs = highWords(values);
  const members = new Float64Array(count);
  let found = 0;
  for (let i = 0; i < values.length && found < count; i++) {
    if (bucketOf(highs[2 * i + 1]) !== bucket) continue;
    members[found++] = values[i];
  }
  return members.every((value) => Object.is(value, members[0])) ? members : members.sort();
}

/** Two words to a value, the upper one second: little-endian, as all records of this tool are. */
function highWords(values: Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}

/** Negative doubles have descending bit patterns: all their bits are turned round, and the sign of the others. */
function bucketOf(high: number): number {
  return (high ^ ((high >> 31) | 0x8000_0000)) >>> SHIFT;
}
