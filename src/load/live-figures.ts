/** Figures of a run in progress: each worker writes its own row of shared memory, anybody reads the sums. */
import { monotonicNs } from '../core/clock.ts';
import type { LiveFigures } from '../core/run.ts';

const fields = [
  'warmupDone',
  'posted',
  'received',
  'failed',
  /** How many of these got no connection from the service. */
  'refused',
  'cancelled',
  /** Attempts that are followed by another attempt of the same request. */
  'retried',
  'inFlight',
  'outputs',
  'bytesIn',
  /** Duration of the slowest finished request so far, ms. */
  'slowestMs',
  /** 1 while first attempts may still leave. */
  'issuing',
  /** Requests of the measured time in flight. */
  'owed',
  /** 1 while a request may still go well: it has been in flight for long, or the service asked to wait. */
  'waiting',
] as const;

export type WorkerFigures = Record<(typeof fields)[number], number>;

export function noFigures(): WorkerFigures {
  return Object.fromEntries(fields.map((name) => [name, 0])) as WorkerFigures;
}

export function createLiveMemory(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * fields.length * Float64Array.BYTES_PER_ELEMENT);
}

/** A row has one writer and its cells are aligned 8-byte numbers, so that no cell is ever half written. */
export function publish(memory: SharedArrayBuffer, worker: number, figures: WorkerFigures): void {
  const row = new Float64Array(memory, worker * fields.length * 8, fields.length);
  for (let i = 0; i < fields.length; i++) row[i] = figures[fields[i]];
}

/** The longest duration of a finished request over all workers, ms. */
export function slowestOf(memory: SharedArrayBuffer): number {
  return Math.max(...column(memory, 'slowestMs'));
}

/** Requests of the measured time in flight at all workers but `worker`; what it reads is up to 100 ms old. */
export function owedElsewhere(memory: SharedArrayBuffer, worker: number): number {
  return column(memory, 'owed').reduce((sum, owed, other) => sum + (other === worker ? 0 : owed), 0);
}

export function readFigures(memory: SharedArrayBuffer): Omit<LiveFigures, 'phase' | 'elapsedMs'> & {
  issuing: boolean;
  refused: number;
  waiting: number;
} {
  const sum = (name: (typeof fields)[number]) => column(memory, name).reduce((a, b) => a + b, 0);
  return {
    warmupDone: sum('warmupDone'),
    posted: sum('posted'),
    received: sum('received'),
    failed: sum('failed'),
    refused: sum('refused'),
    waiting: sum('waiting'),
    cancelled: sum('cancelled'),
    retried: sum('retried'),
    inFlight: sum('inFlight'),
    events: sum('outputs'),
    bytesIn: sum('bytesIn'),
    issuing: sum('issuing') > 0,
  };
}

/** What a user is shown of a run whose time zero is `epochNs`; null: that is not fixed yet. */
export function liveFigures(memory: SharedArrayBuffer, epochNs: bigint | null, isDone: boolean): LiveFigures {
  const { issuing, refused: _, waiting: __, ...figures } = readFigures(memory);
  const sinceZeroMs = epochNs === null ? -1 : Number(monotonicNs() - epochNs) / 1e6;
  const running = issuing ? 'running' : 'draining';
  const started = sinceZeroMs < 0 ? 'warm-up' : running;
  return { ...figures, elapsedMs: Math.max(0, sinceZeroMs), phase: isDone ? 'done' : started };
}

function column(memory: SharedArrayBuffer, name: (typeof fields)[number]): number[] {
  const all = new Float64Array(memory);
  const values: number[] = [];
  for (let at = fields.indexOf(name); at < all.length; at += fields.length) values.push(all[at]);
  return values;
}
