/**
 * A thread that sleeps until the next due time of any worker and then wakes that worker. setTimeout is off
 * by up to a millisecond; a thread in Atomics.wait wakes within some 0.1 ms (median) and costs next to
 * nothing, where a spinning loop costs a whole core.
 */
import { type Clock, clockSince } from '../../core/clock.ts';
import type { Alarm } from './alarm.ts';

/** Shared by the pacer and the alarms of all workers. */
interface PacerViews {
  /** Word 0 counts changes of `wakeAtMs`; word 1 + n counts the rings of worker n. */
  words: Int32Array;
  /** Per worker, on the machine's monotonic clock; 0: never. */
  wakeAtMs: Float64Array;
  /** When the pacer will look again by itself: only for an earlier time it has to be woken. */
  looksAtMs: Float64Array;
}

/**
 * Rings come at least so far apart: at 10,000 sends a second a ring for each would cost more than the sends. With
 * 0.1, 0.2 and 0.3 ms half of these are at most 0.07, 0.11 and 0.15 ms late and take 0.48, 0.39 and 0.34 of a core.
 */
const MIN_GAP_MS = 0.2;

const wordBytes = (workers: number): number => Math.ceil((workers + 1) / 2) * 8;

export function createPacerMemory(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(wordBytes(workers) + (workers + 1) * 8);
}

function viewsOf(memory: SharedArrayBuffer, workers: number): PacerViews {
  return {
    words: new Int32Array(memory, 0, workers + 1),
    wakeAtMs: new Float64Array(memory, wordBytes(workers), workers),
    looksAtMs: new Float64Array(memory, wordBytes(workers) + workers * 8, 1),
  };
}

/** Body of the pacer thread; never returns. */
export function runPacer(memory: SharedArrayBuffer, workers: number): never {
  const { words, wakeAtMs, looksAtMs } = viewsOf(memory, workers);
  const clock = clockSince(0n);
  // Remembered here instead of cleared there: a clearing could wipe out a time set in the same instant.
  const rung = new Float64Array(workers);
  for (;;) {
    const changes = Atomics.load(words, 0);
    let next = Number.POSITIVE_INFINITY;
    for (let worker = 0; worker < workers; worker++) {
      const at = wakeAtMs[worker];
      if (at === 0 || at === rung[worker]) continue;
      if (at <= clock.now()) {
        rung[worker] = at;
        Atomics.add(words, 1 + worker, 1);
        Atomics.notify(words, 1 + worker);
        // Whoever was rung sets its next time in a moment, and for no earlier than this.
        next = Math.min(next, clock.now() + MIN_GAP_MS);
      } else next = Math.min(next, at);
    }
    looksAtMs[0] = next;
    Atomics.wait(words, 0, changes, Math.max(0, next - clock.now()));
  }
}

/** Part of ES2024, in V8 since long before; the compiler's ES2023 does not know it. */
type WaitAsync = (
  words: Int32Array,
  at: number,
  value: number,
) => { async: false } | { async: true; value: Promise<unknown> };

/** The pacer's clock and that of the worker may disagree by a microsecond; more than this is no such thing. */
const MAX_SPIN_MS = 0.05;

/** Whom the pacer wakes. */
interface PacedWorker {
  /** What `createPacerMemory` returned for this many workers. */
  memory: SharedArrayBuffer;
  workers: number;
  worker: number;
}

/** Good to about 0.1 ms. `epochNs` is the run's time zero. */
export function pacerAlarm({ memory, workers, worker }: PacedWorker, clock: Clock, epochNs: bigint): Alarm {
  const views = viewsOf(memory, workers);
  const listen = createListener(views.words, 1 + worker, woken);
  const epochMs = Number(epochNs) / 1e6;
  let dueMs = 0;
  let rangMs = Number.NEGATIVE_INFINITY;
  let ring: (() => void) | null = null;

  /** May come for a time that was replaced since, or twice for the same. */
  function woken(): void {
    if (ring === null) return;
    if (clock.now() < dueMs - MAX_SPIN_MS) {
      listen();
      return;
    }
    do rangMs = clock.now();
    while (rangMs < dueMs);
    const call = ring;
    ring = null;
    call();
  }

  return {
    set(atMs, call) {
      ring = call;
      dueMs = Math.max(atMs, rangMs + MIN_GAP_MS);
      if (dueMs <= clock.now()) {
        setImmediate(woken);
        return;
      }
      listen();
      askToWake(views, worker, dueMs + epochMs);
    },
    clear() {
      ring = null;
    },
  };
}

/** The returned function waits for the next change of a word, unless it is waiting already, and then calls `onChange`. */
function createListener(words: Int32Array, at: number, onChange: () => void): () => void {
  const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };
  let isListening = false;

  function heard(): void {
    isListening = false;
    onChange();
  }

  return () => {
    if (isListening) return;
    isListening = true;
    const wait = waitAsync(words, at, Atomics.load(words, at));
    if (wait.async) wait.value.then(heard);
    else setImmediate(heard);
  };
}

function askToWake({ words, wakeAtMs, looksAtMs }: PacerViews, worker: number, atMs: number): void {
  if (wakeAtMs[worker] === atMs) return;
  wakeAtMs[worker] = atMs;
  // Counted in any case: a pacer that is about to sleep has to see it.
  Atomics.add(words, 0, 1);
  if (atMs < looksAtMs[0]) Atomics.notify(words, 0);
}
