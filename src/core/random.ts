/** Seeded randomness: the same seed gives the same numbers on every machine. */
import { randomExponential, randomGamma, randomNormal } from 'd3-random';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  /** Standard normal. */
  normal(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Gamma with the given shape and scale 1. */
  gamma(shape: number): number;
}

/**
 * A source seeded by a number and a purpose, so that two uses of one seed (say arrivals and prompt
 * lengths) do not walk through the same numbers.
 */
export function seededRandom(seed: number, purpose = ''): Random {
  const generator = xoroshiro128plus(mixSeed(seed, purpose));
  const next = () => {
    const high = generator.next() >>> 5;
    const low = generator.next() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  };
  const normal = randomNormal.source(next)();
  const exponential = randomExponential.source(next)(1);
  return {
    next,
    int: (min, max) => uniformInt(generator, min, max),
    normal,
    exponential,
    gamma: (shape) => randomGamma.source(next)(shape)(),
  };
}

/** Mixes the list in place and returns it (R. Durstenfeld, Algorithm 235, Communications of the ACM 7, 1964). */
export function shuffled<T>(values: T[], random: Random): T[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    [values[last], values[other]] = [values[other], values[last]];
  }
  return values;
}

/** FNV-1a over the purpose, then over the seed's bytes: 32 bits, stable across platforms. */
function mixSeed(seed: number, purpose: string): number {
  let hash = 0x811c9dc5;
  for (const text of [purpose, String(seed)]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash | 0;
}
