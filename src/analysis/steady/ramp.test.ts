import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { cycleMs, steadyOf } from './oracles.fixture.ts';
import { rampOf } from './ramp.fixture.ts';
import { batchingRate, batchingRun, lengthLaws } from './virtual-run.fixture.ts';

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

  it('reaches its plateau a cycle earlier when it was filled before the run', () => {
    for (const law of ['fixed', 'lognormal'] as const) {
      const at = (start: Parameters<typeof rampOf>[0]['start']) => {
        const found = [1, 2, 3, 4, 5].map(
          (seed) => rampOf({ kind: 'ramp', start, law, seed }).windowFromCycles,
        );
        return found.sort((a, b) => a - b)[2];
      };
      expect(at('filled before')).toBeLessThan(at('staggered') - 0.5);
    }
  });

  it('counts the tokens of a filled service from its first full moment on', () => {
    const found = [1, 2, 3, 4].map((seed) => {
      const steady = steadyOf(
        batchingRun(
          { slots, lengths: lengthLaws.geometric(200), durationMs: 40 * cycle, fillMs: cycle },
          seededRandom(seed, 'filled'),
        ),
      );
      return steady.rates[0].value / batchingRate(slots, 200);
    });
    expect(found.reduce((a, b) => a + b) / found.length).toBeCloseTo(1, 2);
  });
});
