import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { driftOf, levelShift, mostPreciseCut, warmUpCut } from './series-tests.ts';

const warmUp = (n: number, depth: number, tau: number) =>
  Array.from({ length: n }, (_, i) => 1 - depth * Math.exp(-i / tau));

describe('the warm-up cut', () => {
  it('O8: takes from 1 − 0.4 e^(−t/3) of 100 batches what MSER takes, and 9 when data are spared', () => {
    expect(mostPreciseCut(warmUp(100, 0.4, 3))).toBe(33);
    expect(warmUpCut(warmUp(100, 0.4, 3), 0.001)).toBe(9);
  });

  it('reaches its limit when the series settles no earlier', () => {
    const late = Array.from({ length: 30 }, (_, i) => (i < 10 ? 0.9 : 1));
    expect(warmUpCut(late, 0.001)).toBe(10);
  });

  it('takes nothing from a constant, nor from noise about one', () => {
    expect(warmUpCut(Array(40).fill(7), 0.001)).toBe(0);
    const random = seededRandom(1, 'noise');
    const cuts = Array.from({ length: 50 }, () =>
      warmUpCut(
        Array.from({ length: 40 }, () => 100 + random.normal()),
        0.001,
      ),
    );
    expect(cuts.filter((cut) => cut > 5).length).toBeLessThan(8);
  });

  it('does not lose digits to a large level', () => {
    const shifted = warmUp(100, 0.4, 3).map((value) => value + 1e9);
    expect(mostPreciseCut(shifted)).toBe(33);
  });
});

describe('the level shift', () => {
  const stepAt = (k: number, step: number) =>
    Array.from({ length: 20 }, (_, i) => (i < k ? 1 : 1 + step) + (i % 2 ? 0.003 : -0.003));

  it('O10: finds a step of −10 % at 60 %', () => {
    const found = levelShift(stepAt(12, -0.1));
    expect(found?.at).toBe(12);
    expect(found?.step).toBeCloseTo(-0.1, 3);
  });

  it('leaves small steps and those of the first third alone', () => {
    expect(levelShift(stepAt(12, -0.04))).toBeNull();
    expect(levelShift(stepAt(5, -0.1))).toBeNull();
    expect(levelShift(Array(20).fill(5))).toBeNull();
  });
});

describe('the drift', () => {
  const ramp = (change: number) => Array.from({ length: 20 }, (_, i) => 1 + change * ((i + 0.5) / 20 - 0.5));

  it.each([
    [0.1, 'drift'],
    [-0.06, 'drift'],
    [0.04, 'steady'],
    [0, 'steady'],
  ])('of an exact ramp of %d is %s', (change, result) => {
    const drift = driftOf(ramp(change), 0.05);
    expect(drift.change).toBeCloseTo(change, 9);
    expect(drift.result).toBe(result);
  });

  it('is inconclusive where noise hides it', () => {
    const random = seededRandom(3, 'noise');
    expect(
      driftOf(
        ramp(0).map((value) => value + 0.2 * random.normal()),
        0.05,
      ).result,
    ).toBe('inconclusive');
  });
});
