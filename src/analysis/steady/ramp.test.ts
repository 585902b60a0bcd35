import { describe, expect, it } from 'vitest';
import { cycleMs, steadyOf } from '../../../tools/oracles/oracles.ts';
import { rampOf, type Start } from '../../../tools/oracles/ramp.ts';
import { batchingRate, batchingRun, lengthLaws } from '../../../tools/oracles/virtual-run.ts';
import { cases } from '../../core/cases.fixture.ts';
import { seededRandom } from '../../core/random.ts';

const slots = 16;
const cycle = cycleMs(slots);
/** Requests of one length; the slots open at once, over one cycle, or were filled over one cycle before the run. */
const run = (start: { staggerMs?: number; fillMs?: number }) =>
  steadyOf(
    batchingRun(
      { slots, lengths: lengthLaws.fixed(200), durationMs: 30 * cycle, ...start },
      seededRandom(1, 'ramp'),
    ),
  );
const figure = (steady: ReturnType<typeof run>, name: string) =>
  steady.latencies.find((f) => f.name === name)!.value;

describe('a staggered ramp', () => {
  it('keeps requests of one length out of lock step, at the same throughput', () => {
    const plain = run({});
    expect(plain.synchrony).toBeGreaterThan(0.3);
    for (const start of [{ staggerMs: cycle / slots }, { fillMs: cycle }]) {
      const staggered = run(start);
      expect(staggered.synchrony).toBeLessThan(0.02);
      expect(staggered.rates[0].value / batchingRate(slots, 200)).toBeCloseTo(1, 2);
      expect(figure(staggered, 'TTFT')).toBeLessThan(figure(plain, 'TTFT') / 1.5);
    }
  });

  it.each(['fixed', 'uniform', 'geometric', 'lognormal'] as const)(
    'has its plateau as soon as all slots are open, with the true throughput from there on: %s lengths',
    (law) => {
      const mean = (start: Start, name: 'windowFromCycles' | 'error') => {
        const found = Array.from(
          { length: cases(12) },
          (_, seed) => rampOf({ kind: 'ramp', start, law, waves: 30, seed })[name],
        );
        return found.reduce((sum, value) => sum + value, 0) / found.length;
      };
      expect(mean('at once', 'windowFromCycles')).toBeGreaterThan(0.99);
      for (const start of ['over one cycle', 'before the run'] as const) {
        expect(mean(start, 'windowFromCycles')).toBeLessThan(1.01);
        expect(Math.abs(mean(start, 'error'))).toBeLessThan(0.001);
      }
      expect(mean('over three cycles', 'windowFromCycles')).toBeLessThan(3);
      expect(Math.abs(mean('over three cycles', 'error'))).toBeLessThan(0.001);
    },
  );
});
