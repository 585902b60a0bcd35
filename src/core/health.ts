/** What the client knows of itself, and what that says of its numbers. All JSON-clean. */
import type { Claim } from './steady.ts';

/** A sample of durations in ms; all 0 when `n` is 0. Percentiles are exact to 1 µs or 0.1 %. */
export interface Spread {
  n: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** What one worker saw beside the delay of its event loop. */
export interface WorkerWatch {
  /** How long bytes may have lain ready before their stamp was taken, at most: reads of sampled loop turns. */
  stampWait: Spread;
  /** From a read's stamp to the end of its processing: reads of sampled loop turns. */
  readWork: Spread;
  /**
   * From the moment a request could leave (it was due and a slot was free) to the moment it left: the
   * client's own lateness in an open loop, the turn-around of a slot in a closed one. First attempts only.
   */
  sendDelay: Spread;
  gc: { count: number; totalMs: number; maxMs: number };
  /** Time the thread could have run but had no core; null where the system does not tell. */
  cpuWaitMs: number | null;
  /** Sockets it opened, those of the warm-up included. */
  socketsOpened: number;
  /** Output events, and those of them that share a socket read with another one. */
  outputs: number;
  sharedOutputs: number;
  /** Attempts that failed for want of files, ports or buffers of this host. */
  ownFailures: number;
}

/** Facts of the host; null where the system does not tell. */
export interface HostLimits {
  /** Most files and sockets this process may hold open. */
  openFiles: number | null;
  /** Local ports for connections to one address, both ends included. */
  ephemeralPorts: { from: number; to: number } | null;
}

export interface MachineHealth extends HostLimits {
  /** Shares of all cores' time over the run, 0 to 1: taken by the hypervisor, and used by anybody. */
  stealShare: number | null;
  busyShare: number | null;
}

export type HealthResult = 'ok' | 'suspect' | 'void';

export interface HealthCheck {
  name: string;
  /** What was measured, in words. */
  measures: string;
  value: number;
  /** Unit of `value` and of the limits. */
  unit: 'ms' | 'ratio' | 'count';
  /** Above this it is suspect; above `voidAbove` (null: never) it is void. */
  suspectAbove: number;
  voidAbove: number | null;
  result: HealthResult;
  /** Why the limits are where they are. */
  reason: string;
  /** Claims that fall when the check is void, and are in doubt when it is suspect. */
  concerns: Claim[];
  /** What to do when it is not ok. */
  advice: string;
}

/** What this host adds at a number of streams, measured by `ais_bench calibrate`. */
export interface CalibrationQuote {
  streams: number;
  tokensPerS: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** ISO 8601, UTC. */
  calibratedAt: string;
}

export interface ClientHealth {
  result: HealthResult;
  /** Claims that a void check takes away. */
  voided: Claim[];
  checks: HealthCheck[];
  /** null when this host was not calibrated with this version of Node. */
  calibration: CalibrationQuote | null;
}
