/** The status while tasks run: a dashboard on a terminal, plain lines every few seconds elsewhere. */
import { createLogUpdate } from 'log-update';
import type { Host } from '../host/host.ts';
import { dashboardText, lastTable, pageCount, pageOfInterest, type Screen } from './dashboard-text.ts';
import { type LiveRow, lineOf, type RowState } from './live-rows.ts';
import { type Sink, screenSink } from './log.ts';

const REFRESH_MS = 200;
const PLAIN_LINE_MS = 3000;
/** Erases all that is shown and goes to its top left corner (ECMA-48: ED 2, CUP). */
const CLEAR_SCREEN = '\x1b[2J\x1b[H';

export interface LiveView {
  /** Where log lines for the screen go, so that the table is not torn. */
  sink: Sink;
  /** Starts to show the tasks; each line of a plain view goes to `write`. */
  show(rows: readonly LiveRow[], write: (row: LiveRow, line: string) => void): void;
  /** The task is over. */
  end(row: LiveRow, state: RowState): void;
  /** Writes a last state and gives the terminal back. */
  stop(): void;
}

/** `plain` forces lines even on a terminal; `folder` is named in the dashboard's head. */
export function createLive(host: Host, folder: string, plain: boolean): LiveView {
  return host.stdout.isTTY && !plain ? dashboard(host, folder) : plainView(host);
}

function dashboard(host: Host, folder: string): LiveView {
  const { stdout } = host;
  const draw = createLogUpdate(process.stdout);
  const write = screenSink(host);
  let rows: readonly LiveRow[] = [];
  // null: the page follows the task that runs.
  let chosen: number | null = null;
  let paused = false;
  // Suspended, or going on in the background: the terminal is the shell's.
  let away = false;
  let keys: (() => void) | null = null;
  let drawn = '';
  let ended = () => {};

  const screen = (): Screen => ({ columns: stdout.columns, rows: stdout.rows });
  const refresh = () => {
    if (rows.length === 0 || away) return;
    const page = Math.min(chosen ?? pageOfInterest(rows, screen()), pageCount(rows, screen()) - 1);
    const time = host.date().toTimeString().slice(0, 8);
    drawn = dashboardText(rows, { folder, time, page, paused, keys: keys !== null }, screen());
    draw(drawn);
  };
  const turn = (by: number) => {
    const last = pageCount(rows, screen()) - 1;
    chosen = Math.min(last, Math.max(0, (chosen ?? pageOfInterest(rows, screen())) + by));
  };
  const listen = () => {
    keys = host.onKey((key) => {
      if (key === 'p') paused = !paused;
      else turn(key === 'up' ? -1 : 1);
      refresh();
    });
  };
  const leave = () => {
    away = true;
    keys?.();
    keys = null;
    // The table stays where it is; the cursor is shown again.
    draw.done();
  };
  const back = () => {
    away = false;
    listen();
    refresh();
  };
  // Terminals differ in what they make of lines that were longer: nothing on the screen is where it was.
  const resized = () => {
    if (away) return;
    draw.done();
    stdout.write(CLEAR_SCREEN);
    refresh();
  };
  return {
    sink(line, level) {
      draw.clear();
      write(line, level);
      if (drawn !== '' && !away) draw(drawn);
    },
    show(shown) {
      rows = shown;
      const timer = setInterval(() => paused || refresh(), REFRESH_MS);
      const releases = [host.onResize(resized), host.onSuspend(leave, back)];
      listen();
      refresh();
      ended = () => {
        clearInterval(timer);
        for (const release of releases) release();
        keys?.();
      };
    },
    end: (row, state) => {
      row.state = state;
    },
    stop() {
      ended();
      drawn = '';
      draw.clear();
      draw.done();
      if (rows.length > 0) stdout.write(`${lastTable(rows)}\n`);
    },
  };
}

function plainView(host: Host): LiveView {
  let timer: NodeJS.Timeout | undefined;
  let print = (_row: LiveRow) => {};
  return {
    sink: screenSink(host),
    show(rows, write) {
      print = (row) => write(row, lineOf(row));
      timer = setInterval(
        () => rows.filter(({ state }) => state === 'sending').forEach(print),
        PLAIN_LINE_MS,
      );
    },
    end(row, state) {
      row.state = state;
      if (row.source) print(row);
    },
    stop: () => clearInterval(timer),
  };
}
