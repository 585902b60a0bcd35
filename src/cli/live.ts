/** The status while a task runs: a refreshing table on a terminal, one plain line every few seconds elsewhere. */
import { createLogUpdate } from 'log-update';
import type { LiveFigures } from '../core/run.ts';
import { fancyGrid } from '../reporters/fancy-grid.ts';
import type { Host } from './host.ts';

const REFRESH_MS = 200;
const PLAIN_LINE_MS = 3000;

export interface LiveTask {
  name: string;
  /** Requests planned; null when a duration ends the run. */
  planned: number | null;
  durationMs: number | null;
  figures(): LiveFigures;
  /** How precise the run is so far; absent when it does not go on until precise. */
  precision?(): string;
}

export interface LiveView {
  /** Writes a last state and gives the terminal back. */
  stop(): void;
}

/** Starts to show `task`; `plain` forces lines even on a terminal. */
export function showLive(host: Host, task: LiveTask, plain: boolean, line: (text: string) => void): LiveView {
  return host.stdout.isTTY && !plain ? tableView(task) : lineView(task, line);
}

function tableView(task: LiveTask): LiveView {
  const draw = createLogUpdate(process.stdout);
  const rate = rateMeter();
  const refresh = () => {
    const f = task.figures();
    const grid = fancyGrid(
      ['Task', ...columns.map(([name]) => name)],
      [[task.name, ...cells(task, f, rate(f))]],
    );
    draw(task.precision ? `${grid}\n${task.precision()}` : grid);
  };
  const timer = setInterval(refresh, REFRESH_MS);
  return {
    stop() {
      clearInterval(timer);
      refresh();
      draw.done();
    },
  };
}

function lineView(task: LiveTask, line: (text: string) => void): LiveView {
  const rate = rateMeter();
  const print = () => {
    const f = task.figures();
    const values = cells(task, f, rate(f));
    const figures = columns.map(([name], i) => `${name} ${values[i]}`).join(', ');
    line(`${task.name}: ${figures}${task.precision ? `; ${task.precision()}` : ''}`);
  };
  const timer = setInterval(print, PLAIN_LINE_MS);
  return {
    stop() {
      clearInterval(timer);
      print();
    },
  };
}

const columns: [string, (task: LiveTask, f: LiveFigures, tokensPerS: number) => string][] = [
  ['Status', (_, f) => f.phase],
  ['Progress', progress],
  ['Elapsed', (_, f) => clockTime(f.elapsedMs)],
  ['Posted', (_, f) => String(f.posted)],
  ['Received', (_, f) => String(f.received)],
  ['Failed', (_, f) => String(f.failed)],
  ['Concurrency', (_, f) => String(f.inFlight)],
  // Output events: one token each, unless the service puts several into one.
  ['Tokens/s', (_task, _f, perS) => perS.toFixed(0)],
];

function cells(task: LiveTask, f: LiveFigures, tokensPerS: number): string[] {
  return columns.map(([, value]) => value(task, f, tokensPerS));
}

function progress(task: LiveTask, f: LiveFigures): string {
  if (task.planned !== null) return `${f.received + f.failed + f.cancelled}/${task.planned}`;
  const seconds = (task.durationMs ?? 0) / 1000;
  return `${Math.min(seconds, f.elapsedMs / 1000).toFixed(0)}/${seconds} s`;
}

/** H:MM:SS. */
function clockTime(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Events per second between this call and the one before. */
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
