/** The status while tasks run: a dashboard on a terminal, plain lines every few seconds elsewhere. */
import { createLogUpdate } from 'log-update';
import type { Host } from '../host/host.ts';
import type { TerminalKey } from '../host/keys.ts';
import { dashboardText, lastTable, pageCount, pageOfInterest, type Screen } from './dashboard-text.ts';
import { type LiveRow, lineOf, type RowState } from './live-rows.ts';
import { type Sink, screenSink } from './log.ts';

const REFRESH_MS = 200;
const PLAIN_LINE_MS = 3000;
/**
 * Erases all that is shown and goes to its top left corner (ECMA-48: ED 2, CUP). Terminals differ in what they make of
 * lines that were longer, so after a change of size nothing on the screen is where it was.
 */
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
  const table = createTable(host, folder);
  const write = screenSink(host);
  let ended = () => {};
  return {
    sink: (line, level) => table.aside(() => write(line, level)),
    show(rows) {
      const timer = setInterval(table.tick, REFRESH_MS);
      const releases = [host.onResize(table.resized), host.onSuspend(table.leave, table.back)];
      table.start(rows);
      ended = () => {
        clearInterval(timer);
        for (const release of releases) release();
      };
    },
    end: (row, state) => {
      row.state = state;
    },
    stop() {
      ended();
      table.stop();
    },
  };
}

/** What of the table is shown: the page of the task that runs until a key turns it, and nothing new while it is paused. */
function createPager(screen: () => Screen) {
  let paused = false;
  let chosen: number | null = null;
  const current = (rows: readonly LiveRow[]) => chosen ?? pageOfInterest(rows, screen());
  const last = (rows: readonly LiveRow[]) => pageCount(rows, screen()) - 1;
  return {
    page: (rows: readonly LiveRow[]) => Math.min(current(rows), last(rows)),
    isPaused: () => paused,
    press(rows: readonly LiveRow[], key: TerminalKey) {
      if (key === 'p') paused = !paused;
      else chosen = Math.min(last(rows), Math.max(0, current(rows) + (key === 'up' ? -1 : 1)));
    },
  };
}

/** The table on the terminal, and the keys that page and pause it. */
function createTable(host: Host, folder: string) {
  const { stdout } = host;
  const draw = createLogUpdate(process.stdout);
  const screen = (): Screen => ({ columns: stdout.columns, rows: stdout.rows });
  const pager = createPager(screen);
  let rows: readonly LiveRow[] = [];
  // Suspended, or going on in the background: the terminal is the shell's.
  let away = false;
  let keys: (() => void) | null = null;
  let drawn = '';
  function refresh(): void {
    if (rows.length === 0 || away) return;
    const shown = { page: pager.page(rows), paused: pager.isPaused(), keys: keys !== null };
    drawn = dashboardText(rows, { folder, time: timeOf(host.date()), ...shown }, screen());
    draw(drawn);
  }
  /** Shows the table and listens to keys, at the start and when the terminal is ours again. */
  function back(): void {
    away = false;
    keys = host.onKey((key) => {
      pager.press(rows, key);
      refresh();
    });
    refresh();
  }
  return {
    start(shown: readonly LiveRow[]) {
      rows = shown;
      back();
    },
    back,
    tick: () => pager.isPaused() || refresh(),
    /** Writes something above the table. */
    aside(write: () => void) {
      draw.clear();
      write();
      if (drawn !== '' && !away) draw(drawn);
    },
    leave() {
      away = true;
      keys?.();
      keys = null;
      // The table stays where it is; the cursor is shown again.
      draw.done();
    },
    resized() {
      if (away) return;
      draw.done();
      stdout.write(CLEAR_SCREEN);
      refresh();
    },
    stop() {
      keys?.();
      drawn = '';
      draw.clear();
      draw.done();
      if (rows.length > 0) stdout.write(`${lastTable(rows)}\n`);
    },
  };
}

const timeOf = (date: Date) => date.toTimeString().slice(0, 8);

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
