/** Wakes the loop when the next request is due. */
import type { Clock } from '../../core/clock.ts';

export interface Alarm {
  /** Calls `ring` once, not before run time `atMs`; replaces an earlier call that has not rung. */
  set(atMs: number, ring: () => void): void;
  clear(): void;
}

/** The longest delay that setTimeout accepts. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Good to about a millisecond: for slots and deadlines. */
export function timerAlarm(clock: Clock): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  const alarm: Alarm = {
    set(atMs, ring) {
      alarm.clear();
      const delay = Math.min(Math.ceil(atMs - clock.now()), MAX_DELAY_MS);
      if (delay <= 0) immediate = setImmediate(ring);
      // setTimeout cuts to whole milliseconds of its own count and may fire up to 1 ms early.
      else timer = setTimeout(() => (clock.now() < atMs ? alarm.set(atMs, ring) : ring()), delay);
    },
    clear() {
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
  return alarm;
}
