/** The dashboard as text: a page of tasks, cut to the terminal's width and height. */
import stringWidth from 'string-width';
import { countOf, type LiveRow, progressOf, shareDone, statusOf, timeOf } from './live-rows.ts';

export interface Screen {
  columns: number;
  rows: number;
}

export interface BoardState {
  /** Where the results go. */
  folder: string;
  /** Wall-clock time of this look, HH:MM:SS. */
  time: string;
  page: number;
  paused: boolean;
  /** Whether keys are heard. */
  keys: boolean;
}

/** Header, column names, help, and the line the cursor stands on. */
const OTHER_LINES = 4;
const MIN_NAME = 16;
const GAP = '  ';

interface Column {
  header: string;
  cell(row: LiveRow): string;
  /** Numbers end where their header ends. */
  right?: boolean;
}

const always: Column[] = [
  { header: 'Status', cell: statusOf },
  { header: 'Progress', cell: (row) => `${bar(shareDone(row), 10)} ${progressOf(row)}` },
  { header: 'Time', cell: timeOf, right: true },
  { header: 'Posted', cell: (row) => countOf(row, 'posted'), right: true },
  { header: 'Recv', cell: (row) => countOf(row, 'received'), right: true },
  { header: 'Fail', cell: (row) => countOf(row, 'failed'), right: true },
];
/** Shown in this order while there is room. */
const ifRoom: Column[] = [
  { header: 'In flight', cell: (row) => countOf(row, 'inFlight'), right: true },
  { header: 'Tokens/s', cell: (row) => (row.source ? row.tokensPerS().toFixed(0) : ''), right: true },
  { header: 'Log', cell: (row) => row.logFile ?? '' },
];

/** Tasks on one page: lines that precision notes take are kept free on every page. */
function pageSize(rows: readonly LiveRow[], screen: Screen): number {
  return Math.max(1, screen.rows - OTHER_LINES - notesOf(rows).length);
}

export function pageCount(rows: readonly LiveRow[], screen: Screen): number {
  return Math.max(1, Math.ceil(rows.length / pageSize(rows, screen)));
}

/** The page on which the first task stands that is not over yet. */
export function pageOfInterest(rows: readonly LiveRow[], screen: Screen): number {
  const first = rows.findIndex(({ state }) => state === 'sending' || state === 'waiting');
  return Math.floor((first < 0 ? rows.length - 1 : first) / pageSize(rows, screen));
}

/** No line is wider than the terminal and there are fewer of them than it has. */
export function dashboardText(rows: readonly LiveRow[], state: BoardState, screen: Screen): string {
  const size = pageSize(rows, screen);
  const from = state.page * size;
  const shown = rows.slice(from, from + size);
  const pages = pageCount(rows, screen);
  const done = rows.filter((row) => row.state !== 'waiting' && row.state !== 'sending').length;
  const where = `page ${state.page + 1}/${pages}, tasks ${from + 1}-${from + shown.length} of ${rows.length}, ${done} done`;
  const head = `${state.paused ? 'PAUSED at' : 'Updated'} ${state.time}${GAP}${where}${GAP}`;
  const keys = state.keys ? 'Up/Down: page  P: pause the display  ' : '';
  const lines = [
    head + cutStart(state.folder, Math.max(0, screen.columns - head.length)),
    ...tableLines(rows, shown, screen.columns),
    ...notesOf(rows),
    `${state.paused ? 'P: resume the display (the tasks continue)  Up/Down: page  ' : keys}Ctrl-C: end the run`,
  ];
  return lines.map((line) => cutEnd(line.trimEnd(), screen.columns)).join('\n');
}

/** Every task, after the end: nothing is cut. */
export function lastTable(rows: readonly LiveRow[]): string {
  return tableLines(rows, rows, Infinity)
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Columns are as wide as all tasks need, so that they stand still from page to page. */
function tableLines(rows: readonly LiveRow[], shown: readonly LiveRow[], width: number): string[] {
  const names = Math.max(4, ...rows.map(({ name }) => stringWidth(name)));
  let room = width - Math.min(names, MIN_NAME);
  const fitting: { column: Column; width: number; cells: string[] }[] = [];
  const offer = (column: Column, must: boolean) => {
    const cells = rows.map(column.cell);
    const needed = Math.max(column.header.length, ...cells.map((cell) => stringWidth(cell)));
    if (!must && room - (names - MIN_NAME) < needed + GAP.length) return false;
    fitting.push({ column, width: needed, cells });
    room -= needed + GAP.length;
    return true;
  };
  for (const column of always) offer(column, true);
  ifRoom.every((column) => offer(column, false));
  const nameWidth = Math.min(names, Math.max(MIN_NAME, room + Math.min(names, MIN_NAME)));
  const line = (name: string, cell: (index: number) => string) =>
    [
      padded(cutMiddle(name, nameWidth), nameWidth, false),
      ...fitting.map((f, i) => padded(cell(i), f.width, f.column.right === true)),
    ].join(GAP);
  return [
    line('Task', (i) => fitting[i].column.header),
    ...shown.map((row) => line(row.name, (i) => fitting[i].cells[rows.indexOf(row)])),
  ];
}

function notesOf(rows: readonly LiveRow[]): string[] {
  const active = rows.filter(({ state }) => state === 'sending');
  return active.flatMap(({ name, source }) => {
    const precision = source?.precision?.();
    return precision ? [active.length > 1 ? `${name}: ${precision}` : precision] : [];
  });
}

function bar(share: number, width: number): string {
  const full = Math.floor(share * width);
  return '#'.repeat(full) + '.'.repeat(width - full);
}

function padded(text: string, width: number, right: boolean): string {
  const room = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return right ? room + text : text + room;
}

/** Both ends of a name tell tasks apart: the model in front, the data set behind. */
function cutMiddle(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const kept = width - 1;
  return `${text.slice(0, Math.floor(kept / 2))}…${text.slice(text.length - Math.ceil(kept / 2))}`;
}

function cutStart(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 2 ? '' : `…${text.slice(text.length - width + 1)}`;
}

function cutEnd(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
