import { describe, expect, it } from 'vitest';
import { commonCell, commonJson, round4, round4HalfEven, statCell } from './format.ts';

describe('rounding to 4 decimals', () => {
  it('differs from the half-even rule only at a tie that binary can hold', () => {
    expect([round4(0.03125), round4HalfEven(0.03125)]).toEqual([0.0313, 0.0312]);
    expect([round4(0.09375), round4HalfEven(0.09375)]).toEqual([0.0938, 0.0938]);
    expect([round4(2.71875), round4HalfEven(2.71875)]).toEqual([2.7188, 2.7188]);
    expect(round4HalfEven(0.19166666)).toBe(0.1917);
    expect(round4HalfEven(5)).toBe(5);
  });
});

describe('statCell', () => {
  it('prints milliseconds at 4 decimals, or rounds the seconds first as AISBench does', () => {
    expect(statCell(0.05033204, 's', 'product')).toBe('50.332 ms');
    expect(statCell(0.05033204, 's', 'upstream')).toBe('50.3 ms');
    expect(statCell(0.03125, 's', 'upstream')).toBe('31.2 ms');
    expect(statCell(0.4, 's', 'product')).toBe('400.0 ms');
  });

  it('keeps one decimal of a whole number and says when there is none', () => {
    expect(statCell(1481, 'tokens', 'product')).toBe('1481.0');
    expect(statCell(118, 'tokens/s', 'product')).toBe('118.0 token/s');
    expect(statCell(Number.NaN, 's', 'product')).toBe('n/a');
  });
});

describe('common cells', () => {
  const max = { name: 'Max Concurrency', unit: 'requests', value: 2 } as const;
  const concurrency = (value: number) => ({ name: 'Concurrency', unit: 'ratio', value }) as const;

  it('prints a Concurrency cut to the maximum like the maximum', () => {
    expect(commonCell(concurrency(2), [max], 'product')).toBe('2');
    expect(commonCell(concurrency(1), [max], 'product')).toBe('1.0');
    expect(commonCell(concurrency(1.99999), [max], 'product')).toBe('2.0');
  });

  it('prints a duration to 4 decimals of a millisecond, also as AISBench does, which rounds latencies in seconds', () => {
    const duration = (value: number) => ({ name: 'Benchmark Duration', unit: 's', value }) as const;
    const both = (value: number) =>
      (['product', 'upstream'] as const).map((definitions) => commonCell(duration(value), [], definitions));
    expect(both(33.22291234567)).toEqual(['33222.9123 ms', '33222.9123 ms']);
    expect(both(2.00005)).toEqual(['2000.05 ms', '2000.05 ms']);
    expect(both(3)).toEqual(['3000.0 ms', '3000.0 ms']);
    // A tie that a double can hold goes to the even digit there.
    expect(both(0.00003125)).toEqual(['0.0313 ms', '0.0312 ms']);
    expect(statCell(33.22291234567, 's', 'upstream')).toBe('33222.9 ms');
    expect(commonJson(duration(33.22291234567), [], 'upstream')).toBe('33222.9123 ms');
  });

  it('gives json numbers without unit, texts with one, null for what does not exist', () => {
    expect(commonJson(concurrency(1.23456), [max], 'product')).toBe(1.2346);
    expect(commonJson({ name: 'r', unit: 'requests/s', value: 3.15789 }, [], 'product')).toBe('3.1579 req/s');
    expect(
      commonJson({ name: 'r', unit: 'requests/s', value: Number.POSITIVE_INFINITY }, [], 'product'),
    ).toBeNull();
  });
});
