/** What the live view says of each task, as cells; nothing here touches a terminal. */
import type { LiveFigures } from '../../core/run.ts';

export type RowState = 'waiting' | 'sending' | 'finished' | 'interrupted' | 'failed';

/** What a running task can be asked. */
interface LiveSource {
  figures(): LiveFigures;
  /** How precise the run is so far; absent when it does not go on until precise. */
  precision?(): string;
}

/** One task of the command, from before its start to after its end. */
export interface LiveRow {
  readonly name: string;
  /** Requests planned; null when a duration ends the run. */
  readonly planned: number | null;
  readonly durationMs: number | null;
  /** Where its log goes; null when only to the screen. */
  readonly logFile: string | null;
  state: RowState;
  /** null before the start. */
  source: LiveSource | null;
  /** Output events per second, from one look to the next. */
  tokensPerS(): number;
}

export function liveRow(task: Pick<LiveRow, 'name' | 'planned' | 'durationMs' | 'logFile'>): LiveRow {
  const perS = rateMeter();
  return {
    ...task,
    state: 'waiting',
    source: null,
    tokensPerS() {
      return this.source === null ? 0 : perS(this.source.figures());
    },
  };
}

/** A task's own word for where it is: the row's state, and while it sends the phase of the load. */
export function statusOf({ state, source }: LiveRow): string {
  if (state !== 'sending' || source === null) return state;
  const { phase } = source.figures();
  return phase === 'done' ? 'writing' : phase;
}

/** Requests, however many attempts each of them took. */
function ended(f: LiveFigures): number {
  return f.received + f.failed + f.cancelled - f.retried;
}

/** Share of the work that is done, 0 to 1. */
export function shareDone(row: LiveRow): number {
  const f = row.source?.figures();
  if (!f) return 0;
  const share =
    row.planned === null ? f.elapsedMs / (row.durationMs ?? Infinity) : ended(f) / Math.max(1, row.planned);
  return Math.min(1, Math.max(0, share));
}

export function progressOf(row: LiveRow): string {
  const f = row.source?.figures();
  if (row.planned !== null) return `${f ? ended(f) : 0}/${row.planned}`;
  const seconds = (row.durationMs ?? 0) / 1000;
  return `${Math.min(seconds, (f?.elapsedMs ?? 0) / 1000).toFixed(0)}/${seconds} s`;
}

/** H:MM:SS since the measurement began. */
export function timeOf({ source }: LiveRow): string {
  const s = Math.max(0, Math.floor((source?.figures().elapsedMs ?? 0) / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** A count of the load, '0' before the start. */
export function countOf({ source }: LiveRow, key: 'posted' | 'received' | 'failed' | 'inFlight'): string {
  return String(source?.figures()[key] ?? 0);
}

/** One line for screens that cannot be drawn on, and for log files. */
export function lineOf(row: LiveRow): string {
  const figures = [
    `Status ${statusOf(row)}`,
    `Progress ${progressOf(row)}`,
    `Elapsed ${timeOf(row)}`,
    `Posted ${countOf(row, 'posted')}`,
    `Received ${countOf(row, 'received')}`,
    `Failed ${countOf(row, 'failed')}`,
    `Concurrency ${countOf(row, 'inFlight')}`,
    `Tokens/s ${row.tokensPerS().toFixed(0)}`,
  ];
  const precision = row.source?.precision?.();
  return `${row.name}: ${figures.join(', ')}${precision ? `; ${precision}` : ''}`;
}

/** Events per second between this call and the one before; one token each, unless the service puts several into one. */
function rateMeter(): (f: LiveFigures) => number {
  let lastEvents = 0;
  let lastMs = 0;
  let perS = 0;
  return (f) => {
    const dt = f.elapsedMs - lastMs;
    if (dt > 0) {
      perS = ((f.events - lastEvents) / dt) * 1000;
      lastEvents = f.events;
      lastMs = f.elapsedMs;
    }
    return perS;
  };
}
