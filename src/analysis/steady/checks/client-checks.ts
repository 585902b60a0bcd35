/** Plug-in: was the client the limit? From what the workers said of themselves, and from when requests left. */
import type { HealthCheck, HealthResult } from '../../../core/health.ts';
import type { Claim } from '../../../core/steady.ts';
import { formatMs, formatPercent } from '../../../core/text/format-numbers.ts';
import { distributionOf } from '../../stats.ts';
import { latencyOf, type RunFacts, type SteadyFacts } from '../facts.ts';
import { slotWaitsMs } from '../slot-waits.ts';
import { above, below, both, type Check, latencyOnly, type Severity, worst } from './check.ts';

/** Late stamps take the latencies; tokens that were read late were still counted. */
export const clientLoop = fromHealth('client_loop', ['loop_delay', 'stamp_wait', 'utilization']);

export const clientHost = fromHealth('client_host', [
  'cpu',
  'gc_pause',
  'cpu_wait',
  'steal',
  'own_failures',
  'other_tasks',
]);

export const coalescedReads = fromHealth('coalesced_reads', ['shared_reads']);

/** The worst of some checks of the client's health. */
function fromHealth(name: string, names: readonly string[]): Check {
  return {
    name,
    concerns: latencyOnly,
    threshold: `the client's health: ${names.join(', ')}`,
    needs: 'nothing',
    run({ health }) {
      const checks = health?.checks.filter((check) => names.includes(check.name)) ?? [];
      if (checks.length === 0) return { result: 'not tested', found: 'the run has no such figures' };
      const result = worst(checks.map((check) => severityOf[check.result]));
      const guilty = checks.filter((check) => severityOf[check.result] === result);
      return {
        result,
        concerns: both.filter((claim: Claim) => guilty.some((check) => check.concerns.includes(claim))),
        threshold: checks.map(limitsOf).join('; '),
        found: checks.map((check) => `${check.name} ${formatValue(check.value, check.unit)}`).join(', '),
        advice: 'See Client Health below.',
      };
    },
  };
}

const severityOf = { ok: 'ok', suspect: 'reservation', void: 'failed' } as const satisfies Record<
  HealthResult,
  Severity
>;

function limitsOf({ name, suspectAbove, voidAbove, unit }: HealthCheck): string {
  const fails = voidAbove === null ? '' : `, fails above ${formatValue(voidAbove, unit)}`;
  return `${name} ${formatValue(suspectAbove, unit)}${fails}`;
}

function formatValue(value: number, unit: HealthCheck['unit']): string {
  if (unit === 'ratio') return formatPercent(value);
  return unit === 'ms' ? formatMs(value, 2) : String(value);
}

export const sendLateness: Check = {
  name: 'send_lateness',
  concerns: both,
  threshold: 'P99 1 % of the median E2EL and 10 % of the mean gap; fails below 98 % of the intended rate',
  needs: 'open',
  otherwise: 'requests are sent when slots become free',
  run({ table, steady }) {
    const { rows, fromMs, toMs } = steady.cohort;
    const late = distributionOf(Float64Array.from(rows, (row) => table.sentMs[row] - table.dueMs[row]));
    const lateMs = late.quantile(0.99);
    let due = 0;
    for (const ms of table.dueMs) if (ms > fromMs && ms <= toMs) due++;
    const e2elMs = latencyOf(steady.latencies, 'E2EL', 'P50') * 1000;
    const gapMs = (toMs - fromMs) / rows.length;
    const rateSeverity = below(rows.length / due, 0, 0.98);
    return {
      result: worst([
        above(lateMs, 0.01 * e2elMs, Number.POSITIVE_INFINITY),
        above(lateMs, 0.1 * gapMs, Number.POSITIVE_INFINITY),
        rateSeverity,
      ]),
      concerns: rateSeverity === 'failed' ? both : latencyOnly,
      found: `P99 ${formatMs(lateMs)}, ${formatPercent(rows.length / due)} of the intended rate`,
      advice: 'Requests were sent late. Raise batch_size, use more workers, or lower the rate.',
    };
  },
};

export const turnaround: Check = {
  name: 'turnaround',
  concerns: latencyOnly,
  threshold: '1 % of the mean E2EL between a free slot and the next send; fails above 5 %',
  needs: 'closed',
  otherwise: 'arrivals follow a schedule',
  run({ run, table, steady }) {
    const waitMs = meanWaitMs(run, table, steady);
    const share = waitMs / 1000 / latencyOf(steady.latencies, 'E2EL', 'Mean');
    return {
      result: above(share, 0.01, 0.05),
      found: `${formatMs(waitMs)}, ${formatPercent(share, 2)}`,
      advice: 'The client is slow to use a free slot. Use more workers.',
    };
  },
};

/** Reserved for runs of several hosts. */
export const hostClocks: Check = {
  name: 'clock',
  concerns: both,
  threshold: 'offsets of 1 ms between hosts',
  needs: 'nothing',
  run: () => ({ result: 'not applicable', found: 'one host' }),
};

/** Where a slot decides when a request is due, `due` is when it came free; where the clock does, that has to be found. */
function meanWaitMs({ info }: RunFacts['run'], table: RunFacts['table'], { cohort }: SteadyFacts): number {
  const { kind } = info.schedule;
  const waits = kind === 'rate' || kind === 'timestamps' ? slotWaitsMs(table, info.batchSize) : null;
  let sum = 0;
  for (const row of cohort.rows) sum += waits ? waits[row] : table.sentMs[row] - table.dueMs[row];
  return sum / cohort.rows.length;
}
