/** Everything that passes between the pool and its threads. */
import type { Plan } from '../core/plan.ts';
import type { FailedWarmup, WorkerHealth } from '../core/run.ts';
import type { LoopEnd } from './timing/loop.ts';
import type { RawBatch } from './wire/recorder.ts';

/** What a thread is given when it starts. */
export type ThreadData =
  | {
      role: 'load';
      worker: number;
      workers: number;
      plan: Plan;
      cursors: SharedArrayBuffer;
      live: SharedArrayBuffer;
      /** null: this plan needs no exact pacing. */
      pacer: SharedArrayBuffer | null;
    }
  | { role: 'pacer'; workers: number; pacer: SharedArrayBuffer };

export type ToWorker =
  /** Sent once all workers are warm; `fillMs`: how long before time zero the slots begin to fill, 0: they do not. */
  | { type: 'start'; epochNs: bigint; fillMs: number }
  /** No new requests; `graceMs` for those in flight, else what the plan says. */
  | { type: 'stop'; graceMs?: number | undefined }
  /** The measured time is over: hold the load until its requests have ended, then stop. */
  | { type: 'measured' };

export interface WarmupCount {
  total: number;
  ok: number;
  failed: number;
  /** Of those that failed, up to a bound. */
  failures: FailedWarmup[];
  /** Of those that went well, ms. */
  e2elMs: number[];
}

export type FromWorker =
  | { type: 'warm'; warmup: WarmupCount }
  /** The warm-up waits for a service that is loading, as this attempt found. */
  | { type: 'waiting'; failed: FailedWarmup }
  | { type: 'batch'; raw: RawBatch }
  /** A batch of requests of the warm start, which is read like one of the run and then forgotten. */
  | { type: 'warm-start'; raw: RawBatch }
  /** What a user should know about the service's ways; several workers may say the same. */
  | { type: 'notice'; text: string }
  | {
      type: 'finished';
      end: LoopEnd;
      endMs: number;
      /** Requests that went out twice, no failure between. */
      resent: number;
      health: WorkerHealth;
    };

/** Sends a message to the pool; the buffers in `transfer` change hands. */
export type PostMessage = (message: FromWorker, transfer?: ArrayBuffer[]) => void;
