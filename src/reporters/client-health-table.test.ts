import { describe, expect, it } from 'vitest';
import type { ClientHealth, HealthCheck } from '../core/health.ts';
import { clientHealthJson, renderClientHealth } from './client-health-table.ts';

const check = (more: Partial<HealthCheck>): HealthCheck => ({
  name: 'loop_delay',
  measures: 'delay of the event loop, P99',
  value: 0.41,
  unit: 'ms',
  suspectAbove: 2,
  voidAbove: 10,
  result: 'ok',
  reason: 'because',
  concerns: ['latency'],
  advice: 'Use more workers.',
  ...more,
});
const fine: ClientHealth = {
  result: 'ok',
  voided: [],
  checks: [check({}), check({ name: 'cpu', measures: 'share of a core', value: 0.12, unit: 'ratio' })],
  calibration: null,
};
const calibration = {
  streams: 2000,
  tokensPerS: 50,
  p50Ms: 0.02,
  p99Ms: 0.0812,
  maxMs: 3,
  calibratedAt: '2026-01-02T03:04:05.000Z',
};

describe('renderClientHealth', () => {
  it('is one line when all is well', () => {
    expect(renderClientHealth(fine)).toBe(
      'Client health: ok (delay of the event loop, P99 0.41 ms; share of a core 12 %)',
    );
    expect(renderClientHealth(null)).toBe('');
  });

  it('quotes the calibration', () => {
    expect(renderClientHealth({ ...fine, calibration }).split('\n')[1]).toBe(
      'This machine adds 0.081 ms at P99 to a timestamp with 2,000 streams of 50 tokens/s (calibrated 2026-01-02).',
    );
  });

  it('shows only the checks that failed, with their limits, and what to do', () => {
    const bad: ClientHealth = {
      ...fine,
      result: 'void',
      voided: ['latency'],
      checks: [
        ...fine.checks.slice(1),
        check({ value: 12, result: 'void' }),
        check({ name: 'gc_pause', value: 30, voidAbove: null, result: 'suspect' }),
      ],
    };
    expect(renderClientHealth(bad)).toBe(
      `
Client health: void
╒═════════════════╤═════════╤═════════════════╤══════════════╤══════════╤════════════╕
│ Client Health   │ Value   │ Suspect above   │ Void above   │ Result   │ Concerns   │
╞═════════════════╪═════════╪═════════════════╪══════════════╪══════════╪════════════╡
│ loop_delay      │ 12 ms   │ 2 ms            │ 10 ms        │ void     │ latency    │
├─────────────────┼─────────┼─────────────────┼──────────────┼──────────┼────────────┤
│ gc_pause        │ 30 ms   │ 2 ms            │ -            │ suspect  │ latency    │
╘═════════════════╧═════════╧═════════════════╧══════════════╧══════════╧════════════╛
  - loop_delay (delay of the event loop, P99): Use more workers.
  - gc_pause (delay of the event loop, P99): Use more workers.
The client was the limit, so the latency figures of this run are void.
`.trim(),
    );
  });
});

it('gives times in seconds and leaves shares as they are', () => {
  expect(clientHealthJson({ ...fine, calibration })).toMatchObject({
    result: 'ok',
    checks: [
      { name: 'loop_delay', unit: 's', value: 0.00041, suspect_above: 0.002, void_above: 0.01, advice: null },
      { name: 'cpu', unit: 'ratio', value: 0.12 },
    ],
    calibration: { streams: 2000, stamp_error_p99_s: 0.0000812 },
  });
});
