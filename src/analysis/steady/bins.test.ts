import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { addAt, createSpread, cycleAverage, slotGrid } from './bins.ts';
import { phaseAverage } from './statistics/phase-average.ts';

const grid = slotGrid(100, 10_100, 400);

describe('averages over a cycle', () => {
  const random = seededRandom(1, 'slots');
  const marks = Array.from({ length: 20_000 }, () => 100 + 10_000 * random.next());
  const slots = new Float64Array(grid.count);
  for (const ms of marks) addAt(grid, slots, ms, 1);
  const average = cycleAverage(grid, slots);

  it('have the phase-averaged rate as the mean of their batches', () => {
    const exact = phaseAverage(1000, 9000, 400);
    const rate = marks.reduce((sum, ms) => sum + exact.at(ms), 0);
    const batches = average.batches(1000, 9000, 400, 20);
    expect(batches.reduce((sum, value) => sum + value, 0) / 20 / rate).toBeCloseTo(1, 4);
  });

  it('are flat for a burst each cycle, which plain bins are not', () => {
    const bursts = new Float64Array(grid.count);
    for (let ms = 100; ms < 10_100; ms += 400) addAt(grid, bursts, ms + 1, 32);
    for (const value of cycleAverage(grid, bursts).batches(500, 9500, 400, 30)) {
      // Half a slot of 2.4 ms in a batch of 287 ms.
      expect(Math.abs(value / (32 / 400) - 1)).toBeLessThan(0.01);
    }
  });
});

it('amounts spread over intervals are kept whole, wherever the edges of slots lie', () => {
  const spread = createSpread(grid);
  spread.add(103.7, 9876.5, 2);
  spread.add(-50, 150, 1);
  spread.add(10_000, 20_000, 3);
  spread.add(500.1, 500.2, 7);
  spread.add(700, 700, 100);
  const slots = spread.slots();
  const total = slots.reduce((sum, value) => sum + value, 0);
  expect(total).toBeCloseTo(2 * (9876.5 - 103.7) + 50 + 300 + 0.7, 6);
  const at = (ms: number) => slots[Math.floor((ms - grid.startMs) / grid.slotMs)] / grid.slotMs;
  expect(at(120)).toBeCloseTo(3, 9);
  expect(at(5000)).toBeCloseTo(2, 9);
  expect(at(10_050)).toBeCloseTo(3, 9);
});

it('a grid has slots of at most a twentieth of a cycle while memory allows', () => {
  expect(slotGrid(0, 1e6, 1000).slotMs).toBeLessThanOrEqual(50);
  expect(slotGrid(0, 1e9, 1).count).toBe(65_536);
});
