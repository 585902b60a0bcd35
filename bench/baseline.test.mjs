import { expect, it } from 'vitest';
import { compare, ratiosOf, relativeFigures, updated } from './baseline.mjs';
import { ALWAYS, figures, IN_FULL, isMet } from './figures.mjs';

it('a machine twice as fast has the same ratios', () => {
  const slow = { burst_events_per_cpu_s: 1e6, percentile_s: 2, burst_vs_c: 0.9, kb_per_stream: 7, other: 1 };
  const fast = { ...slow, burst_events_per_cpu_s: 2e6, percentile_s: 1 };
  expect(relativeFigures(fast, 0.05)).toEqual(relativeFigures(slow, 0.1));
  expect(relativeFigures(slow, 0.1)).not.toHaveProperty('other');
});

it('worse means less of a rate and more of a time, beyond the factor', () => {
  const was = { burst_events_per_cpu_s: 100, percentile_s: 10, kb_per_stream: 6, held_failed_8000: 0 };
  const times = (now) => compare(now, was, 1.5).map((c) => [c.name, c.times, c.worse]);
  expect(times({ burst_events_per_cpu_s: 50, percentile_s: 20 })).toEqual([
    ['burst_events_per_cpu_s', 2, true],
    ['percentile_s', 2, true],
  ]);
  expect(times({ burst_events_per_cpu_s: 200, percentile_s: 5, kb_per_stream: 9 })).toEqual([
    ['burst_events_per_cpu_s', 0.5, false],
    ['percentile_s', 0.5, false],
    ['kb_per_stream', 1.5, false],
  ]);
  expect(times({ held_failed_8000: 0 })).toEqual([['held_failed_8000', 1, false]]);
  expect(times({ held_failed_8000: 1 })).toEqual([['held_failed_8000', Number.POSITIVE_INFINITY, true]]);
});

it('only what both sides have is compared', () => {
  expect(compare({ tls_vs_plain: 1 }, { burst_vs_c: 1 }, 1.5)).toEqual([]);
});

it('saving keeps what was not measured this time', () => {
  const stored = { burst_vs_c: { ratio: 0.7, cpu: 'a' }, tls_vs_plain: { ratio: 0.6, cpu: 'a' } };
  const next = updated(stored, { burst_vs_c: 0.912345 }, { cpu: 'b' });
  expect(next).toEqual({ burst_vs_c: { ratio: 0.9123, cpu: 'b' }, tls_vs_plain: { ratio: 0.6, cpu: 'a' } });
  expect(ratiosOf(next)).toEqual({ burst_vs_c: 0.9123, tls_vs_plain: 0.6 });
});

it('a wanted value is met from its good side, and every figure that is always told is known', () => {
  expect([isMet('burst_vs_c', 0.8), isMet('burst_vs_c', 0.79)]).toEqual([true, false]);
  expect([isMet('kb_per_stream', 12), isMet('kb_per_stream', 12.1)]).toEqual([true, false]);
  expect(isMet('tls_vs_plain', 1)).toBeNull();
  for (const name of [...ALWAYS, ...IN_FULL]) expect(figures).toHaveProperty(name);
});
