/** The slots of one worker: each of them is taken by a request, free, or waiting for its time to come. */
import type { Schedule, Share } from '../../core/plan.ts';
import type { Job } from '../wire/job.ts';
import { slotsOf } from './work.ts';

interface Pause {
  untilMs: number;
  /** The attempt to make then; null: the slot just becomes free. */
  retry: Job | null;
}

export interface Slots {
  /** How many slots have been opened so far. */
  readonly opened: number;
  /** When each free slot became free, ms of run time, the one to use next first. */
  readonly free: number[];
  /** Retries and next turns that are due, each in its slot. */
  readonly ready: Job[];
  /** Opens slots, and ends pauses, whose time has come. */
  update(now: number): void;
  /** Makes a slot free again. */
  release(atMs: number): void;
  /** Keeps a slot out of use until then, for its retry if there is one. */
  pause(untilMs: number, retry: Job | null): void;
  /** Whether an attempt of which `test` is true waits in its slot. */
  someWaits(test: (job: Job) => boolean): boolean;
  /** No request is sent any more: forgets the attempts that wait in slots, and returns how many were retries. */
  close(): number;
  readonly areClosed: boolean;
  /** When the next slot opens or ends its pause; Infinity: no slot will. */
  nextChangeMs(): number;
}

/** `fillMs`: the slots open one after another over this time before time zero; absent: as the schedule says. */
export function createSlots(schedule: Schedule, share: Share, fillMs?: number): Slots {
  const count = slotsOf(share, schedule.limit);
  const free: number[] = [];
  const ready: Job[] = [];
  /** The pause that ends first stands first. */
  const pauses: Pause[] = [];
  let opened = 0;
  let areClosed = false;

  function opensAt(ownSlot: number): number {
    const slot = ownSlot * share.count + share.index;
    return fillMs === undefined ? schedule.slotOpensAt(slot) : (slot / schedule.limit - 1) * fillMs;
  }

  function release(atMs: number): void {
    free.push(Math.max(0, atMs));
  }

  return {
    get opened() {
      return opened;
    },
    free,
    ready,
    update(now) {
      while (opened < count && opensAt(opened) <= now) release(opensAt(opened++));
      while (pauses.length > 0 && pauses[0].untilMs <= now) {
        const { untilMs, retry } = pauses.shift() as Pause;
        if (retry === null) release(untilMs);
        else ready.push(retry);
      }
    },
    release,
    pause(untilMs, retry) {
      let at = pauses.length;
      while (at > 0 && pauses[at - 1].untilMs > untilMs) at--;
      pauses.splice(at, 0, { untilMs, retry });
    },
    someWaits: (test) => ready.some(test) || pauses.some(({ retry }) => retry !== null && test(retry)),
    close() {
      areClosed = true;
      const dropped = [...ready.splice(0), ...pauses.splice(0).flatMap(({ retry }) => retry ?? [])];
      return dropped.filter(({ attempt }) => attempt > 0).length;
    },
    get areClosed() {
      return areClosed;
    },
    nextChangeMs() {
      const openMs = opened < count ? opensAt(opened) : Number.POSITIVE_INFINITY;
      return pauses.length > 0 ? Math.min(openMs, pauses[0].untilMs) : openMs;
    },
  };
}
