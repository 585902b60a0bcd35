/**
 * Exact order statistics of many doubles without sorting them. A double's bits, with the sign turned round, order as the
 * double does; they are read as digits, the first of 20 bits (sign, exponent, 8 bits of mantissa: 256 buckets to an
 * octave). One pass counts the values by their first digit, one more copies the buckets that hold a wanted rank, all of
 * them at once, and each of those is narrowed down by its next digit in the same way until it is short enough to sort.
 * So values that are nearly equal cost five passes at most, never a sort of all of them.
 */
import { between, type Distribution, rankOf } from './stats.ts';

/** Where each digit stands: in the upper (1) or the lower (0) word, `shift` bits from its right end. */
const DIGITS = [
  { word: 1, shift: 12, bits: 20 },
  { word: 1, shift: 0, bits: 12 },
  { word: 0, shift: 20, bits: 12 },
  { word: 0, shift: 8, bits: 12 },
  { word: 0, shift: 0, bits: 8 },
] as const;
/** Below this sorting costs less than two more passes and a table of 4,096 counters. */
const MIN_TO_NARROW = 4096;

/** The members of one bucket, in the order they came in; `below` values of all are less than any of them. */
interface Bucket {
  digit: number;
  below: number;
  count: number;
  ranks: number[];
}

/**
 * Reads `values` again whenever something new is asked for, so they must not change; none may be NaN. Quantiles at
 * `expected` are found together, in one pass; others cost a pass each.
 */
export function selectingDistribution(values: Float64Array, expected: readonly number[] = []): Distribution {
  const n = values.length;
  const found = new Map<number, number>();
  const firstCounts = countDigits(values, 0);
  const find = (ranks: Iterable<number>) => {
    const missing = [...new Set(ranks)].filter((rank) => !found.has(rank)).sort((a, b) => a - b);
    if (missing.length > 0)
      narrow({ values, level: 0, counts: firstCounts, ranks: missing, below: 0 }, found);
  };
  const at = (rank: number) => {
    find([rank]);
    return found.get(rank) as number;
  };
  if (n > 0) find([0, n - 1, ...expected.flatMap((p) => neighbors(n, p))]);
  return {
    n,
    get mean() {
      return sumOf(values) / n;
    },
    min: n > 0 ? at(0) : Number.NaN,
    max: n > 0 ? at(n - 1) : Number.NaN,
    quantile(p) {
      if (n === 0) return Number.NaN;
      const [low, high] = neighbors(n, p);
      find([low, high]);
      return between(at(low), at(high), rankOf(n, p).share);
    },
  };
}

/** The two ranks between which the quantile lies. */
function neighbors(n: number, p: number): [number, number] {
  const { rank } = rankOf(n, p);
  return [rank, Math.min(rank + 1, n - 1)];
}

/** Values that agree in the digits before `level`; `below` of all values are less than them. */
interface Part {
  values: Float64Array;
  level: number;
  /** How often each digit occurs at `level`. */
  counts: Uint32Array;
  /** Those that are wanted, ascending, among all values. */
  ranks: readonly number[];
  below: number;
}

/** Puts the order statistics at the part's ranks into `found`. */
function narrow(part: Part, found: Map<number, number>): void {
  const { values, level } = part;
  const buckets = bucketsOf(part.counts, part.ranks, part.below);
  const members = membersOf(values, level, buckets);
  buckets.forEach((bucket, i) => {
    const own = members[i];
    if (level + 1 === DIGITS.length || own.length < MIN_TO_NARROW) {
      // Of the last digit's bucket all members are the same number.
      if (level + 1 < DIGITS.length) own.sort();
      for (const rank of bucket.ranks) found.set(rank, own[rank - bucket.below]);
    } else {
      const { ranks, below } = bucket;
      const counts = countDigits(own, level + 1);
      narrow({ values: own, level: level + 1, counts, ranks, below }, found);
    }
  });
}

/** The buckets that hold a wanted rank. */
function bucketsOf(counts: Uint32Array, ranks: readonly number[], below: number): Bucket[] {
  const buckets: Bucket[] = [];
  let digit = 0;
  let before = below;
  for (const rank of ranks) {
    while (before + counts[digit] <= rank) before += counts[digit++];
    if (buckets.at(-1)?.digit === digit) buckets[buckets.length - 1].ranks.push(rank);
    else buckets.push({ digit, below: before, count: counts[digit], ranks: [rank] });
  }
  return buckets;
}

function countDigits(values: Float64Array, level: number): Uint32Array {
  const { word, shift, bits } = DIGITS[level];
  const words = wordsOf(values);
  const counts = new Uint32Array(2 ** bits);
  const mask = counts.length - 1;
  const sign = word === 1 ? 0x8000_0000 : 0;
  for (let i = 0; i < words.length; i += 2) {
    counts[((words[i + word] ^ ((words[i + 1] >> 31) | sign)) >>> shift) & mask]++;
  }
  return counts;
}

/** A copy of each bucket's members, or `values` themselves where all are in one bucket of which nothing is sorted. */
function membersOf(values: Float64Array, level: number, buckets: readonly Bucket[]): Float64Array[] {
  const { word, shift, bits } = DIGITS[level];
  if (buckets[0].count === values.length && values.length >= MIN_TO_NARROW) return [values];
  const words = wordsOf(values);
  const placeOf = new Uint16Array(2 ** bits);
  const mask = placeOf.length - 1;
  const sign = word === 1 ? 0x8000_0000 : 0;
  const members = buckets.map(({ count }) => new Float64Array(count));
  const filled = new Uint32Array(buckets.length);
  buckets.forEach(({ digit }, place) => {
    placeOf[digit] = place + 1;
  });
  for (let i = 0; i < values.length; i++) {
    const flip = (words[2 * i + 1] >> 31) | sign;
    const place = placeOf[((words[2 * i + word] ^ flip) >>> shift) & mask];
    if (place === 0) continue;
    members[place - 1][filled[place - 1]++] = values[i];
  }
  return members;
}

/** Two words to a value, the upper one second: little-endian, as all records of this tool are. */
function wordsOf(values: Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}

/** Carries its rounding errors along (Knuth's two-sum), so that the order of the values does not show in it. */
function sumOf(values: Float64Array): number {
  let [sum, lost] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const next = sum + value;
    const part = next - sum;
    lost += sum - (next - part) + (value - part);
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}
