import { describe, expect, it } from 'vitest';
import { createSchedule } from '../../schedules/registry.ts';
import type { Job } from '../wire/job.ts';
import { createSlots } from './slots.ts';

const job = (attempt: number): Job => ({ index: 7, turn: 0, attempt, due: 0, measured: true });
const rampUp = createSchedule({ kind: 'pressure', limit: 5, clientsPerS: 100, durationMs: 1000 });

describe('slots of a worker', () => {
  it('are every other one of two workers, and open when the schedule says', () => {
    const slots = createSlots(rampUp, { index: 1, count: 2 });
    expect(slots.nextChangeMs()).toBe(10);
    slots.update(29);
    expect(slots.free).toEqual([10]);
    slots.update(1000);
    expect(slots.free).toEqual([10, 30]);
    expect(slots.opened).toBe(2);
    expect(slots.nextChangeMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('open before time zero when they are filled, and are free from time zero on', () => {
    const slots = createSlots(rampUp, { index: 0, count: 1 }, 500);
    slots.update(-500);
    expect([slots.opened, slots.nextChangeMs()]).toEqual([1, -400]);
    slots.update(-1);
    expect(slots.free).toEqual([0, 0, 0, 0, 0]);
  });

  it('pause, and then send their retry or become free, whichever ends first', () => {
    const slots = createSlots(rampUp, { index: 0, count: 5 });
    slots.pause(300, null);
    slots.pause(100, job(1));
    slots.pause(200, null);
    slots.update(0);
    slots.free.length = 0;
    expect(slots.nextChangeMs()).toBe(100);
    expect(slots.someWaits(({ index }) => index === 7)).toBe(true);
    slots.update(250);
    expect([slots.ready, slots.free]).toEqual([[job(1)], [200]]);
    slots.update(300);
    expect(slots.free).toEqual([200, 300]);
  });

  it('forget what waits in them when they are closed, and count the retries among it', () => {
    const slots = createSlots(rampUp, { index: 0, count: 1 });
    slots.ready.push(job(0), job(2));
    slots.pause(100, job(1));
    slots.pause(100, null);
    expect(slots.close()).toBe(2);
    expect([slots.areClosed, slots.someWaits(() => true)]).toEqual([true, false]);
  });
});
