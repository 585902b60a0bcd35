/** Was the client the limit? Checks 10 to 14 and 20, from what the workers said of themselves. */

import type { ClientHealth, HealthCheck, HealthResult } from '../../../core/health.ts';
import type { SteadyCheck } from '../../../core/steady.ts';
import { distributionOf } from '../../stats.ts';
import { latencyOf, type RunFacts, type SteadyFacts } from '../facts.ts';
import { slotWaitsMs } from '../slot-waits.ts';
import {
  above,
  below,
  both,
  checked,
  type Level,
  latencyOnly,
  noWindow,
  percent,
  unchecked,
  worst,
} from './check.ts';

/** Late stamps take the latencies; tokens that were read late were still counted. */
export function clientLoop({ health }: RunFacts): SteadyCheck {
  return fromHealth(10, 'client_loop', health, ['loop_delay', 'stamp_wait', 'utilisation']);
}

export function clientHost({ health }: RunFacts): SteadyCheck {
  const names = ['cpu', 'gc_pause', 'cpu_wait', 'steal', 'own_failures', 'other_tasks'];
  return fromHealth(11, 'client_host', health, names);
}

export function coalescedReads({ health }: RunFacts): SteadyCheck {
  return fromHealth(14, 'coalesced_reads', health, ['shared_reads']);
}

/** The worst of some checks of the client's health. */
function fromHealth(
  number: number,
  name: string,
  health: ClientHealth | null,
  names: readonly string[],
): SteadyCheck {
  const checks = health?.checks.filter((check) => names.includes(check.name)) ?? [];
  const about = { name, concerns: latencyOnly, threshold: `the client's health: ${names.join(', ')}` };
  if (checks.length === 0) return unchecked(number, 'not tested', about, 'the run holds no such figures');
  const level = worst(checks.map(({ result }) => levelOf[result]));
  const guilty = checks.filter(({ result }) => levelOf[result] === level);
  const claims = (['throughput', 'latency'] as const).filter((claim) =>
    guilty.some((check) => check.concerns.includes(claim)),
  );
  return checked(number, level, {
    ...about,
    concerns: claims,
    threshold: checks.map(limitsOf).join('; '),
    found: checks.map((check) => `${check.name} ${shown(check.value, check.unit)}`).join(', '),
    advice: 'The client health block says what to do.',
  });
}

const levelOf = { ok: 'ok', suspect: 'reservation', void: 'failed' } as const satisfies Record<
  HealthResult,
  Level
>;

function limitsOf({ name, suspectAbove, voidAbove, unit }: HealthCheck): string {
  const fails = voidAbove === null ? '' : `, fails above ${shown(voidAbove, unit)}`;
  return `${name} ${shown(suspectAbove, unit)}${fails}`;
}

function shown(value: number, unit: HealthCheck['unit']): string {
  if (unit === 'ratio') return percent(value);
  return unit === 'ms' ? `${value.toFixed(2)} ms` : String(value);
}

export function sendLateness({ table, steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'send_lateness',
    concerns: both,
    threshold: 'P99 1 % of the median E2EL and 10 % of the mean gap; fails below 98 % of the intended rate',
  };
  if (steady === null) return unchecked(12, 'not tested', about, noWindow);
  if (steady.load.kind === 'closed')
    return unchecked(12, 'not applicable', about, 'requests leave as slots come free');
  const { rows, fromMs, toMs } = steady.cohort;
  const late = distributionOf(Float64Array.from(rows, (row) => table.sentMs[row] - table.dueMs[row]));
  const lateMs = late.quantile(0.99);
  let due = 0;
  for (const ms of table.dueMs) if (ms > fromMs && ms <= toMs) due++;
  const e2elMs = latencyOf(steady.latencies, 'E2EL', 'P50') * 1000;
  const gapMs = (toMs - fromMs) / rows.length;
  const levels = [
    above(lateMs, 0.01 * e2elMs, Number.POSITIVE_INFINITY),
    above(lateMs, 0.1 * gapMs, Number.POSITIVE_INFINITY),
    below(rows.length / due, 0, 0.98),
  ];
  return checked(12, worst(levels), {
    ...about,
    concerns: levels[2] === 'failed' ? both : latencyOnly,
    found: `P99 ${lateMs.toFixed(3)} ms, ${percent(rows.length / due)} of the intended rate`,
    advice: 'Requests left late: raise batch_size, use more workers, or lower the rate.',
  });
}

export function turnaround({ run, table, steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'turnaround',
    concerns: latencyOnly,
    threshold: '1 % of the mean E2EL from a free slot to the next send; fails above 5 %',
  };
  if (steady === null) return unchecked(13, 'not tested', about, noWindow);
  if (steady.load.kind === 'open')
    return unchecked(13, 'not applicable', about, 'arrivals come by the clock');
  const waitMs = meanWaitMs(run, table, steady);
  const share = waitMs / 1000 / latencyOf(steady.latencies, 'E2EL', 'Mean');
  return checked(13, above(share, 0.01, 0.05), {
    ...about,
    found: `${waitMs.toFixed(3)} ms, ${percent(share, 2)}`,
    advice: 'The client is slow to use a free slot: use more workers.',
  });
}

export function hostClocks(): SteadyCheck {
  const about = { name: 'clock', concerns: both, threshold: 'offsets of 1 ms between hosts' };
  return unchecked(20, 'not applicable', about, 'one host');
}

/** Where a slot decides when a request is due, `due` is when it came free; where the clock does, that has to be found. */
function meanWaitMs({ info }: RunFacts['run'], table: RunFacts['table'], { cohort }: SteadyFacts): number {
  const { kind } = info.schedule;
  const waits = kind === 'rate' || kind === 'timestamps' ? slotWaitsMs(table, info.batchSize) : null;
  let sum = 0;
  for (const row of cohort.rows) sum += waits ? waits[row] : table.sentMs[row] - table.dueMs[row];
  return sum / cohort.rows.length;
}
