/** Made-up runs for the pages of the request rate: planned arrivals of a schedule, and sends with a little lateness. */
import type { ScheduleSpec } from '../../src/core/plan.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { RunInfo } from '../../src/core/run.ts';
import { rpsReport } from '../../src/reporters/rps-plot.ts';
import { createSchedule } from '../../src/schedules/registry.ts';
import { makeRun } from './plot.fixture.ts';

export interface RpsShape {
  requests: number;
  requestsPerS?: number;
  burstiness?: number;
  ramp?: Extract<ScheduleSpec, { kind: 'rate' }>['ramp'];
  /** Without it the page is the one before the run. */
  sent?: boolean;
}

/** The page's file with its data, and what they are. */
export function makeRpsPage(template: string, shape: RpsShape) {
  const { requests, requestsPerS = 50, burstiness = 0, ramp, sent = true } = shape;
  const schedule: ScheduleSpec = {
    kind: 'rate',
    requests,
    limit: 100,
    requestsPerS,
    burstiness,
    seed: 5,
    ...(ramp ? { ramp } : {}),
  };
  const { dueAt } = createSchedule(schedule);
  const expectedMs = Float64Array.from({ length: requests }, (_, i) => dueAt(i));
  const random = seededRandom(1, 'late');
  const sentMs = expectedMs.map((ms) => ms + 0.05 + 0.2 * random.exponential()).sort();
  const info: RunInfo = { ...makeRun({ requests: 1, concurrency: 100 }).info, schedule };
  const file = rpsReport(template, info, { expectedMs, sentMs: sent ? sentMs : null });
  if (file === null) throw new Error('no page was made');
  return { ...file, expectedMs, sentMs };
}
