/** Was the client the limit? One verdict from what the workers and the host said of themselves. */
import type { ClientHealth, HealthResult } from '../core/health.ts';
import type { RecordedRun } from '../core/run.ts';
import { readingOf } from './health-reading.ts';
import { healthResult, healthRules } from './health-rules.ts';
import type { RequestTable } from './request-table.ts';

/**
 * Judges each figure by the worst worker: one that was late spoils the percentiles of all. Null for a run
 * that was killed before its workers reported.
 */
export function clientHealth(
  { info, end }: Pick<RecordedRun, 'info' | 'end'>,
  table: RequestTable,
): ClientHealth | null {
  if (end === null || end.health.length === 0) return null;
  const reading = readingOf(info, end, table);
  const checks = healthRules
    .map((rule) => rule(reading))
    .filter((check) => check !== null)
    .map((check) => ({ ...check, result: healthResult(check) }));
  const voided = checks.filter((c) => c.result === 'void').flatMap((c) => c.concerns);
  return {
    result: worst(checks.map((c) => c.result)),
    voided: (['latency', 'throughput'] as const).filter((claim) => voided.includes(claim)),
    checks,
    calibration: null,
  };
}

function worst(results: readonly HealthResult[]): HealthResult {
  return (['void', 'suspect'] as const).find((result) => results.includes(result)) ?? 'ok';
}
