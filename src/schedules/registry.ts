/** Every load shape: options in, `Schedule` out. */
import type { Schedule, ScheduleSpec } from '../core/plan.ts';
import { closed } from './closed.ts';
import { pressure } from './pressure.ts';
import { rate } from './rate.ts';
import { timestamps } from './timestamps.ts';

type Kind = ScheduleSpec['kind'];

const schedules = { closed, rate, pressure, timestamps } as const satisfies {
  [K in Kind]: (spec: Extract<ScheduleSpec, { kind: K }>) => Schedule;
};

/** The same spec gives the same schedule in every thread and on every host. */
export function createSchedule(spec: ScheduleSpec): Schedule {
  const create = schedules[spec.kind] as (spec: ScheduleSpec) => Schedule;
  return create(spec);
}
