/** The plan of a run: plain data that can be cloned to a worker thread or sent to another host. */

import type { SaltSource } from './prompts/salt.ts';
import type { SaltPlace } from './prompts/salted-prompt.ts';
import type { Sample, Target } from './protocol.ts';

/** How a rate per second changes from the first arrival to the last one. */
export interface Ramp {
  strategy: 'linear' | 'exponential';
  startRps: number;
  endRps: number;
}

/** Options of a load shape; `schedules/` turns them into a `Schedule`. Times in ms, rates per second. */
export type ScheduleSpec =
  | {
      kind: 'closed';
      requests: number;
      limit: number;
      /** The slots open evenly spread over so long; absent: all at once. */
      rampMs?: number;
    }
  | {
      kind: 'rate';
      requests: number;
      limit: number;
      requestsPerS: number;
      /** 0: constant gaps, 1: Poisson, other: gamma with this shape. */
      burstiness: number;
      /** No new request starts after this, ms; absent: all `requests` do. */
      durationMs?: number;
      /** Arrivals that may follow the `requests` to hold the load up. */
      held?: number;
      ramp?: Ramp;
      seed: number;
    }
  | {
      kind: 'pressure';
      limit: number;
      clientsPerS: number;
      durationMs: number;
      /** How clients are added when not evenly; a ramp takes the place of `clientsPerS`. */
      traffic?: { burstiness: number; ramp?: Ramp };
      seed?: number;
    }
  | { kind: 'timestamps'; limit: number; atMs: Float64Array };

/** When each request may leave. One object serves every load shape. */
export interface Schedule {
  /** True: `dueAt` fixes when a request is due (open loop). False: it is due when its slot comes free. */
  paced: boolean;
  /** ms after the run's start before which request `index` must not leave; 0: as soon as a slot is free. */
  dueAt(index: number): number;
  /** ms after the run's start at which slot number `slot` (0 … limit − 1) opens. */
  slotOpensAt(slot: number): number;
  /** Most requests in flight. */
  limit: number;
  /** How many requests there are; `Infinity` when the duration ends the run. */
  requests: number;
  /** How many more have a due time, for a hold. */
  held?: number;
  /** No new request starts after this; `Infinity` when the requests end the run. */
  durationMs: number;
}

/** The part of the work that one worker does: request i belongs to share i % count. */
export interface Share {
  index: number;
  count: number;
}

/** Encoded request bodies, one after another, in memory that every worker can read. */
export interface EncodedBodies {
  count: number;
  bytes: SharedArrayBuffer;
  /** count + 1 byte offsets into `bytes` (a Float64Array). */
  offsets: SharedArrayBuffer;
  /** Where each body holds a salt that is exchanged when it is sent; absent: they are sent as they are. */
  salts?: SaltSpots;
}

/** Salts in encoded bodies. */
interface SaltSpots {
  /** Byte offset within each body (a Float64Array). */
  at: SharedArrayBuffer;
  /** Words of each salt, 0: the body has none (a Uint8Array). */
  words: SharedArrayBuffer;
}

export interface Timeouts {
  connectMs: number;
  /** A stream that says nothing for so long has failed. */
  silenceMs: number;
  /** One that says things, but no output for so long, has failed, too. */
  stallMs: number;
  /** For the whole response; null: none. */
  totalMs: number | null;
}

/** What the later turns of a row need. */
interface Conversation extends Pick<Sample, 'id' | 'prompt' | 'followUps' | 'maxOutTokens' | 'adapter'> {
  /** Where its first turn holds a salt, which later turns carry along; null: it has none. */
  salt: SaltPlace | null;
}

export interface Plan {
  seed: number;
  target: Target;
  /** Endpoint path relative to `target.url`, and headers beside the ones every request has. */
  path: string;
  headers: Record<string, string>;
  schedule: ScheduleSpec;
  /** Request i sends body i % count. */
  bodies: EncodedBodies;
  /**
   * What warm-ups and the requests that fill the slots send instead, i % count too: no measured row may wait in the
   * service's cache. Absent: the bodies of the run, whose salts tell them apart.
   */
  unmeasured?: EncodedBodies;
  /** Sent before the warm-ups, one after the other, so that the service's cache holds what many rows share. */
  primers?: EncodedBodies;
  /** What salts are made from; absent where no body has one. */
  salt?: SaltSource;
  /**
   * The rows behind the bodies, when some of them are conversations: their later turns are encoded when they
   * are due. Absent: every request stands alone.
   */
  conversations?: Conversation[] | undefined;
  warmups: number;
  /** How long warm-ups go on asking a service that is loading, ms; absent: not at all. */
  warmupWaitMs?: number;
  /**
   * Closed loops: fill the slots before time zero with requests that leave no record, spread over the median E2EL of
   * the warm-ups, so that measured requests come out of phase to a service that was never empty.
   */
  fillFirst?: boolean;
  /** How many more attempts after the first. */
  retries: number;
  timeouts: Timeouts;
  /** Percent of finished attempts that may fail before the run ends early; 100: any share may. */
  maxErrorPct: number;
  /** How long requests in flight may go on after the run's end; null: see decision on pressure runs. */
  graceMs: number | null;
  /**
   * Keep sending after the measured time until every request of it has ended, for this long at most, ms; 0: not at
   * all, null: three times as long as the slowest request took. Open loops go on as far as their arrivals reach.
   */
  holdMs: number | null;
  /** Keep generated text in the notes. */
  keepText: boolean;
  /** Parse every event instead of scanning it; must give the same records. */
  verify: boolean;
}
