import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byLane, byRequest, rowsFor, touching } from './layout.ts';
import { levelAt, levelOf, visibleCorners } from './level.ts';
import type { Requests } from './load.ts';
import { createView } from './view.ts';

/** Requests on a coarse grid of times, so that ends and starts often meet. */
const requests = fc
  .array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 })), { maxLength: 60 })
  .map((list) => {
    const sorted = list.sort((a, b) => a[0] - b[0]);
    return {
      count: sorted.length,
      sent: Float64Array.from(sorted, ([sent]) => sent),
      end: Float64Array.from(sorted, ([sent, length]) => sent + length),
    } as Requests;
  });
const range = fc
  .tuple(fc.nat(80), fc.nat(80))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 0.5] as const);
const ids = (r: Requests) => Array.from({ length: r.count }, (_, i) => i);
const inFlight = (r: Requests, time: number) =>
  ids(r).filter((i) => r.sent[i] <= time && time < r.end[i]).length;

describe('concurrency', () => {
  it('is the number of requests sent and not ended, at every moment', () => {
    fc.assert(
      fc.property(requests, (r) => {
        const steps = levelOf(r);
        for (let time = -1; time <= 82; time += 0.5) expect(levelAt(steps, time)).toBe(inFlight(r, time));
      }),
    );
  });

  it('keeps the lowest and the highest level of every pixel column', () => {
    fc.assert(
      fc.property(requests, range, fc.integer({ min: 1, max: 30 }), (r, [min, max], width) => {
        const steps = levelOf(r);
        const columnOf = (time: number) => Math.round(((time - min) / (max - min)) * width);
        const drawn = Array.from({ length: width + 1 }, () => new Set<number>());
        visibleCorners(steps, { min, max }, columnOf, (column, level) => drawn[column].add(level));
        for (let column = 0; column <= width; column++) {
          const all = [...steps.at].filter((at) => at > min && at <= max && columnOf(at) === column);
          if (all.length === 0) continue;
          const levels = [all[0] - 0.25, ...all].map((at) => levelAt(steps, at));
          expect(Math.min(...drawn[column])).toBe(Math.min(...levels));
          expect(Math.max(...drawn[column])).toBe(Math.max(...levels));
        }
      }),
    );
  });
});

describe('rows', () => {
  it('holds every request once, none over another, in as many lanes as ran at once', () => {
    fc.assert(
      fc.property(requests, (r) => {
        const lanes = byLane(r);
        expect([...lanes.order].sort((a, b) => a - b)).toEqual(ids(r));
        expect(lanes.rows).toBe(levelOf(r).max);
        for (let row = 0; row < lanes.rows; row++) {
          const inRow = [...lanes.order.slice(lanes.start[row], lanes.start[row + 1])];
          expect(inRow.every((i) => lanes.rowOf[i] === row)).toBe(true);
          for (let k = 1; k < inRow.length; k++)
            expect(r.sent[inRow[k]]).toBeGreaterThanOrEqual(r.end[inRow[k - 1]]);
        }
      }),
    );
  });

  it('finds the requests that touch a time range, and rows enough for them', () => {
    fc.assert(
      fc.property(requests, range, (r, [min, max]) => {
        const wanted = ids(r).filter((i) => r.end[i] >= min && r.sent[i] <= max);
        for (const layout of [byRequest(r), byLane(r)]) {
          const found: number[] = [];
          for (let row = 0; row < layout.rows; row++) {
            const [from, to] = touching(r, layout, row, { min, max });
            found.push(...layout.order.slice(from, to));
          }
          expect(found.sort((a, b) => a - b)).toEqual(wanted);
          const [first, last] = rowsFor(r, layout, min, max);
          for (const i of wanted) {
            expect(layout.rowOf[i]).toBeGreaterThanOrEqual(first);
            expect(layout.rowOf[i]).toBeLessThanOrEqual(last);
          }
        }
      }),
    );
  });
});

describe('the view', () => {
  it('stays within the run and never turns over, whatever is asked of it', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('show' as const), a: number, b: number }),
      fc.record({
        kind: fc.constant('zoom' as const),
        a: fc.double({ min: 0.01, max: 100, noNaN: true }),
        b: number,
      }),
      fc.record({ kind: fc.constant('move' as const), a: number, b: number }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const view = createView({ min: 0, max: 100 });
        view.setRows({ min: 0.5, max: 50.5 }, () => ({ min: 10, max: 20 }));
        for (const { kind, a, b } of steps) {
          if (kind === 'show') view.showBox({ min: a, max: b }, { min: b, max: a });
          if (kind === 'zoom') view.zoom(a, b, b);
          if (kind === 'move') view.move(a, b);
          for (const [{ min, max }, low, high] of [
            [view.x(), 0, 100],
            [view.y(), 0.5, 50.5],
          ] as const) {
            expect(min).toBeGreaterThanOrEqual(low);
            expect(max).toBeLessThanOrEqual(high + 1e-9);
            expect(max).toBeGreaterThan(min);
          }
        }
      }),
    );
  });
});
