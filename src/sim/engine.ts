/**
 * The scheduler of the simulated service as a state machine over virtual time: no clock, no I/O. The law
 * it follows stands in law.ts. Whoever drives it calls `step` when `nextDueMs` has come.
 */
import { type PerformanceLaw, stepDurationMs } from './law.ts';

/** One request's way through the engine. `owner` is the caller's; the engine never looks at it. */
export interface Sequence<T> {
  readonly owner: T;
  readonly promptTokens: number;
  /** How many tokens it will generate, at least 1. */
  readonly outputTokens: number;
  /** KV-cache tokens to set aside: the prompt and the most that may be generated. */
  readonly reservedTokens: number;
  readonly arrivalMs: number;
  /** Start of the step that admitted it; NaN while it waits. */
  admittedMs: number;
  prefilled: number;
  generated: number;
  cancelled: boolean;
}

export interface Engine<T> {
  /** Puts a request at the end of the queue. Arrivals must not go back in time. */
  arrive(request: {
    owner: T;
    promptTokens: number;
    /** The first tokens of the prompt that need no prefill, fewer than all of them. */
    cachedTokens?: number;
    outputTokens: number;
    reservedTokens: number;
    arrivalMs: number;
  }): Sequence<T>;
  /** Takes a request out: at once when it waits, at the end of the step when it runs. */
  cancel(sequence: Sequence<T>): void;
  /** When something happens next; Infinity while there is nothing to do. */
  nextDueMs(): number;
  /**
   * Does what is due at `nextDueMs()`: starts a step, or ends one, starts the next, and returns the
   * sequences that each generated one token (valid until the next call). The next step starts when the
   * last one was due, whatever time it is now, so lateness does not add up; only when `nowMs` is more
   * than `maxLagMs` later does the engine start afresh from `nowMs` and count the time as slipped.
   */
  step(nowMs: number): readonly Sequence<T>[];
  running(): number;
  waiting(): number;
  kvTokensUsed(): number;
  stepsDone(): number;
  slippedMs(): number;
}

export function createEngine<T>(law: PerformanceLaw, maxLagMs = Number.POSITIVE_INFINITY): Engine<T> {
  const queue: Sequence<T>[] = [];
  let running: Sequence<T>[] = [];
  /** Sequences that generate a token at the end of the step in progress. */
  let emitting: Sequence<T>[] = [];
  let stepEndMs = Number.NaN;
  let kvTokensUsed = 0;
  let stepsDone = 0;
  let slippedMs = 0;

  function admit(atMs: number): void {
    let admitted = 0;
    for (const head of queue) {
      if (running.length >= law.maxRunning || head.arrivalMs > atMs) break;
      if (kvTokensUsed + head.reservedTokens > law.kvCacheTokens) break;
      head.admittedMs = atMs;
      kvTokensUsed += head.reservedTokens;
      running.push(head);
      admitted++;
    }
    if (admitted > 0) queue.splice(0, admitted);
  }

  function begin(atMs: number): void {
    admit(atMs);
    emitting = [];
    if (running.length === 0) {
      stepEndMs = Number.NaN;
      return;
    }
    let decoding = 0;
    let prefillTokens = 0;
    for (const sequence of running) {
      const left = sequence.promptTokens - sequence.prefilled;
      if (left === 0) {
        decoding++;
        emitting.push(sequence);
        continue;
      }
      const part = Math.min(left, law.prefillTokensPerStep - prefillTokens);
      sequence.prefilled += part;
      prefillTokens += part;
      if (part === left) emitting.push(sequence);
    }
    stepEndMs = atMs + stepDurationMs(law, decoding, prefillTokens);
  }

  function end(): readonly Sequence<T>[] {
    const emitted: Sequence<T>[] = [];
    let leaving = false;
    for (const sequence of emitting) {
      if (sequence.cancelled) continue;
      sequence.generated++;
      emitted.push(sequence);
      if (sequence.generated === sequence.outputTokens) leaving = true;
    }
    leaving ||= running.some((sequence) => sequence.cancelled);
    if (leaving) running = running.filter(stays);
    stepsDone++;
    return emitted;
  }

  function stays(sequence: Sequence<T>): boolean {
    if (!sequence.cancelled && sequence.generated < sequence.outputTokens) return true;
    kvTokensUsed -= sequence.reservedTokens;
    return false;
  }

  return {
    arrive(request) {
      const sequence = {
        ...request,
        promptTokens: Math.max(1, request.promptTokens),
        admittedMs: Number.NaN,
        prefilled: Math.min(request.cachedTokens ?? 0, Math.max(0, request.promptTokens - 1)),
        generated: 0,
        cancelled: false,
      };
      queue.push(sequence);
      return sequence;
    },
    cancel(sequence) {
      sequence.cancelled = true;
      const at = queue.indexOf(sequence);
      if (at >= 0) queue.splice(at, 1);
    },
    nextDueMs() {
      if (!Number.isNaN(stepEndMs)) return stepEndMs;
      return queue.length > 0 ? queue[0].arrivalMs : Number.POSITIVE_INFINITY;
    },
    step(nowMs) {
      if (Number.isNaN(stepEndMs)) {
        if (queue.length > 0) begin(queue[0].arrivalMs);
        return [];
      }
      let nextMs = stepEndMs;
      const emitted = end();
      if (nowMs - nextMs > maxLagMs) {
        slippedMs += nowMs - nextMs;
        nextMs = nowMs;
      }
      begin(nextMs);
      return emitted;
    },
    running: () => running.length,
    waiting: () => queue.length,
    kvTokensUsed: () => kvTokensUsed,
    stepsDone: () => stepsDone,
    slippedMs: () => slippedMs,
  };
}
