/** Waits for services that are not ready yet: each for so long, whichever of its tasks asks. */
import { pollPauseMs } from '../../core/failures/retry-after.ts';
import { DEFAULT_WAIT_MS } from '../../plan/plan-task.ts';

export interface ServiceWait {
  /** Whether a service that refuses connections is worth waiting for. */
  readonly whenRefused: boolean;
  /** How long a service may take; 0: no time. */
  readonly waitMs: number;
  /**
   * Lets a moment pass, as long as the service asks for where it does, and says once why. False when the time is
   * up, and at once.
   */
  pause(service: string, why: string, retryAfterS?: number): Promise<boolean>;
}

export interface ServiceWaitOptions {
  /** null when not given. */
  waitMs: number | null;
  say(text: string): void;
  /** ms. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

/** Who gave a time expects it to hold for a service that is just being started, too. */
export function createServiceWait({ waitMs: asked, say, now, sleep }: ServiceWaitOptions): ServiceWait {
  const waitMs = asked ?? DEFAULT_WAIT_MS;
  const deadlines = new Map<string, number>();
  return {
    whenRefused: asked !== null && asked > 0,
    waitMs,
    async pause(service, why, retryAfterS) {
      if (waitMs === 0) return false;
      if (!deadlines.has(service)) {
        deadlines.set(service, now() + waitMs);
        say(`Waiting for the service at ${service}, up to ${waitMs / 1000} s (--wait): ${why}`);
      }
      const left = (deadlines.get(service) ?? 0) - now();
      if (left <= 0) return false;
      await sleep(Math.min(left, pollPauseMs(retryAfterS)));
      return true;
    },
  };
}
