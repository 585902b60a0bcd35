import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { cycleMs, steadyOf } from './oracles.fixture.ts';
import { batchingRun, lengthLaws } from './virtual-run.fixture.ts';

const slots = 16;
const cycle = cycleMs(slots);
/** Requests of one length, the slots opened at once or spread over one cycle. */
const run = (staggerMs: number) =>
  steadyOf(
    batchingRun(
      { slots, lengths: lengthLaws.fixed(200), requests: slots * 30, staggerMs },
      seededRandom(1, 'ramp'),
    ),
  );

describe('a staggered ramp', () => {
  it('keeps requests of one length out of lock step, at the same throughput', () => {
    const [plain, staggered] = [run(0), run(cycle / slots)];
    expect(plain.synchrony).toBeGreaterThan(0.3);
    expect(staggered.synchrony).toBeLessThan(0.02);
    const rate = (steady: typeof plain) => steady.rates[0].value;
    expect(rate(staggered) / rate(plain)).toBeCloseTo(1, 2);
    const ttft = (steady: typeof plain) => steady.latencies.find((f) => f.name === 'TTFT')!.value;
    expect(ttft(staggered)).toBeLessThan(ttft(plain) / 1.5);
  });
});
