/** What part of the run is on the screen. One time range for both charts; rows of the upper one. */

export interface Range {
  min: number;
  max: number;
}

export interface View {
  x(): Range;
  y(): Range;
  /** Shows [min, max] seconds, and the rows that needs. */
  showTime(min: number, max: number): void;
  /** Shows exactly this; the rows stay until a time range alone is asked for. */
  showBox(x: Range, y: Range): void;
  /** Zooms about a moment (and, when the rows were chosen by hand, about a row). Below 1 goes closer. */
  zoom(factor: number, time: number, row?: number): void;
  /** Moves by seconds (and, when the rows were chosen by hand, by rows). */
  move(seconds: number, rows?: number): void;
  reset(): void;
  /** The rows changed their meaning. */
  setRows(full: Range, fit: (x: Range) => Range): void;
  onChange(listener: () => void): void;
}

/** Nothing shorter is worth looking at: events are recorded to 1 µs. */
const MIN_SECONDS = 2e-5;
const MIN_ROWS = 3;

export function createView(fullX: Range): View {
  const listeners: (() => void)[] = [];
  let fullY: Range = { min: 0, max: 1 };
  let fitRows = (_: Range): Range => fullY;
  let x = fullX;
  let y = fullY;
  let yByHand = false;

  const show = (nextX: Range, nextY: Range | null) => {
    x = within(nextX, fullX, MIN_SECONDS);
    yByHand = nextY !== null;
    y = nextY ? within(nextY, fullY, MIN_ROWS) : fitRows(x);
    for (const listener of listeners) listener();
  };
  return {
    x: () => x,
    y: () => y,
    showTime: (min, max) => show({ min, max }, null),
    showBox: (nextX, nextY) => show(nextX, nextY),
    zoom(factor, time, row) {
      show(scaled(x, factor, time), yByHand && row !== undefined ? scaled(y, factor, row) : null);
    },
    move(seconds, rows) {
      show(shifted(x, seconds), yByHand && rows !== undefined ? shifted(y, rows) : null);
    },
    reset: () => show(fullX, null),
    setRows(full, fit) {
      fullY = full;
      fitRows = fit;
      show(x, null);
    },
    onChange: (listener) => listeners.push(listener),
  };
}

function scaled(range: Range, factor: number, about: number): Range {
  return { min: about - (about - range.min) * factor, max: about + (range.max - about) * factor };
}

function shifted(range: Range, by: number): Range {
  return { min: range.min + by, max: range.max + by };
}

/** The range moved, and only then cut, so that it lies within the full one and spans at least `least`. */
function within(range: Range, full: Range, least: number): Range {
  const span = Math.min(Math.max(range.max - range.min, least), full.max - full.min);
  const middle = (range.min + range.max) / 2;
  const min = Math.min(Math.max(middle - span / 2, full.min), full.max - span);
  return { min, max: min + span };
}
