import { expect, it } from 'vitest';
import type { HealthCheck } from '../../../core/health.ts';
import type { RunFacts } from '../facts.ts';
import { runCheck } from './check.ts';
import { coalescedReads } from './client-checks.ts';
import { checks } from './registry.ts';

it('a check of the client points to its health block instead of repeating the advice', () => {
  const reads: HealthCheck = {
    name: 'shared_reads',
    measures: 'reads with several events',
    value: 0.4,
    unit: 'ratio',
    suspectAbove: 0.05,
    voidAbove: 0.2,
    result: 'void',
    reason: 'because',
    concerns: ['latency'],
    advice: 'Use more workers.',
  };
  const health = { result: 'void', voided: ['latency'], checks: [reads], calibration: null };
  const number = checks.default.indexOf(coalescedReads) + 1;
  const check = runCheck(coalescedReads, number, { health } as unknown as RunFacts);
  expect(check).toMatchObject({ number: 14, result: 'failed', concerns: ['latency'] });
  expect(check.advice).toBe('See Client Health below.');
});
