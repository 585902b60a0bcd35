import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dashboardText, pageCount, pageOfInterest } from './dashboard-text.ts';
import { type LiveRow, liveRow, type RowState } from './live-rows.ts';

const states: RowState[] = ['finished', 'failed', 'interrupted', 'waiting'];
const rowOf = (name: string, state: RowState): LiveRow => ({
  ...liveRow({ name, planned: 1000, durationMs: null, logFile: `logs/infer/${name}.out` }),
  state,
});
const tasks = fc.array(fc.tuple(fc.stringMatching(/^[a-z/-]{1,60}$/), fc.constantFrom(...states)), {
  minLength: 1,
  maxLength: 60,
});

describe('dashboard text', () => {
  it('fits every terminal, and its pages hold each task once', () => {
    fc.assert(
      fc.property(
        tasks,
        fc.integer({ min: 80, max: 250 }),
        fc.integer({ min: 6, max: 60 }),
        (given, columns, lines) => {
          const screen = { columns, rows: lines };
          const rows = given.map(([name, state], i) => rowOf(`${i}/${name}`, state));
          const names: string[] = [];
          const base = { folder: '/a/folder/of/results', time: '12:00:00', paused: false, keys: true };
          for (let page = 0; page < pageCount(rows, screen); page++) {
            const text = dashboardText(rows, { ...base, page }, screen).split('\n');
            expect(text.length).toBeLessThan(lines);
            for (const line of text) expect(line.length).toBeLessThanOrEqual(columns);
            names.push(...text.slice(2, -1).map((line) => line.split('/')[0]));
          }
          expect(names).toEqual(rows.map((_, i) => String(i)));
          expect(pageOfInterest(rows, screen)).toBeLessThan(pageCount(rows, screen));
        },
      ),
    );
  });
});
