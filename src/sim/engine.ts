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

/** What the engine is told of a request. */
interface Arrival<T>
  extends Pick<Sequence<T>, 'owner' | 'promptTokens' | 'outputTokens' | 'reservedTokens' | 'arrivalMs'> {
  /** The first tokens of the prompt that need no prefill, fewer than all of them. */
  cachedTokens?: number;
}

export interface Engine<T> {
  /** Puts a request at the end of the queue. Arrivals must not go back in time. */
  arrive(request: Arrival<T>): Sequence<T>;
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

interface State<T> {
  readonly law: PerformanceLaw;
  readonly queue: Sequence<T>[];
  running: Sequence<T>[];
  /** Sequences that generate a token at the end of the step in progress. */
  emitting: Sequence<T>[];
  /** End of the step in progress; NaN: none is. */
  stepEndMs: number;
  kvTokensUsed: number;
  stepsDone: number;
  slippedMs: number;
}

export function createEngine<T>(law: PerformanceLaw, maxLagMs = Number.POSITIVE_INFINITY): Engine<T> {
  const state: State<T> = {
    law,
    queue: [],
    running: [],
    emitting: [],
    stepEndMs: Number.NaN,
    kvTokensUsed: 0,
    stepsDone: 0,
    slippedMs: 0,
  };
  const { queue } = state;
  return {
    arrive(request) {
      const sequence = createSequence(request);
      queue.push(sequence);
      return sequence;
    },
    cancel(sequence) {
      sequence.cancelled = true;
      const at = queue.indexOf(sequence);
      if (at >= 0) queue.splice(at, 1);
    },
    nextDueMs() {
      if (!Number.isNaN(state.stepEndMs)) return state.stepEndMs;
      return queue.length > 0 ? queue[0].arrivalMs : Number.POSITIVE_INFINITY;
    },
    step: (nowMs) => step(state, nowMs, maxLagMs),
    running: () => state.running.length,
    waiting: () => queue.length,
    kvTokensUsed: () => state.kvTokensUsed,
    stepsDone: () => state.stepsDone,
    slippedMs: () => state.slippedMs,
  };
}

function createSequence<T>(request: Arrival<T>): Sequence<T> {
  return {
    ...request,
    promptTokens: Math.max(1, request.promptTokens),
    admittedMs: Number.NaN,
    prefilled: Math.min(request.cachedTokens ?? 0, Math.max(0, request.promptTokens - 1)),
    generated: 0,
    cancelled: false,
  };
}

function step<T>(state: State<T>, nowMs: number, maxLagMs: number): readonly Sequence<T>[] {
  if (Number.isNaN(state.stepEndMs)) {
    if (state.queue.length > 0) begin(state, state.queue[0].arrivalMs);
    return [];
  }
  const dueMs = state.stepEndMs;
  const emitted = end(state);
  if (nowMs - dueMs <= maxLagMs) begin(state, dueMs);
  else {
    state.slippedMs += nowMs - dueMs;
    begin(state, nowMs);
  }
  return emitted;
}

function admit<T>(state: State<T>, atMs: number): void {
  const { law, queue, running } = state;
  let admitted = 0;
  for (const head of queue) {
    if (running.length >= law.maxRunning || head.arrivalMs > atMs) break;
    if (state.kvTokensUsed + head.reservedTokens > law.kvCacheTokens) break;
    head.admittedMs = atMs;
    state.kvTokensUsed += head.reservedTokens;
    running.push(head);
    admitted++;
  }
  if (admitted > 0) queue.splice(0, admitted);
}

/** Begins a step, if there is anything to run. */
function begin<T>(state: State<T>, atMs: number): void {
  admit(state, atMs);
  const { law, running } = state;
  const emitting: Sequence<T>[] = [];
  state.emitting = emitting;
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
  state.stepEndMs = running.length === 0 ? Number.NaN : atMs + stepDurationMs(law, decoding, prefillTokens);
}

/** Ends a step; returns the sequences that have each generated a token. */
function end<T>(state: State<T>): readonly Sequence<T>[] {
  const emitted: Sequence<T>[] = [];
  let isAnyLeaving = false;
  for (const sequence of state.emitting) {
    if (sequence.cancelled) continue;
    sequence.generated++;
    emitted.push(sequence);
    if (sequence.generated === sequence.outputTokens) isAnyLeaving = true;
  }
  isAnyLeaving ||= state.running.some((sequence) => sequence.cancelled);
  if (isAnyLeaving) removeLeaving(state);
  state.stepsDone++;
  return emitted;
}

function removeLeaving<T>(state: State<T>): void {
  state.running = state.running.filter((sequence) => {
    if (!sequence.cancelled && sequence.generated < sequence.outputTokens) return true;
    state.kvTokensUsed -= sequence.reservedTokens;
    return false;
  });
}
