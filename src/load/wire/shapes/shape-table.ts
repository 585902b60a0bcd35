/** The event shapes that the responses of one worker have shown so far. */
import type { Delta } from '../../../core/protocol.ts';
import { type EventShape, type Found, fitShape, nothingFound } from './event-shape.ts';
import { learnShape } from './learn-shape.ts';
import type { ByteSource } from './read-buffer.ts';

export interface ShapeTable {
  /** Says what an event means; the dialect's. */
  readonly decode: (data: string) => Delta;
  shapes: EventShape[];
  /** The last event that fitted. */
  recent: EventShape | null;
  found: Found;
  /** Events to let pass before learning again; doubles with every shape learned, so that odd streams cost little. */
  patience: number;
  wait: number;
}

const MAX_SHAPES = 16;
/** Shapes that an ordinary service needs are learned at once. */
const UNHURRIED_AFTER = 8;
const MAX_PATIENCE = 1024;
const TERMINATORS = ['\n\n', '\r\n\r\n'];

export function newShapeTable(decode: (data: string) => Delta): ShapeTable {
  return { decode, shapes: [], recent: null, found: nothingFound(), patience: 0, wait: 0 };
}

/** The shape of the event that starts at `from`, or null; its end and its holes are in `table.found`. */
export function findShape(
  table: ShapeTable,
  source: ByteSource,
  from: number,
  to: number,
): EventShape | null {
  const { recent, found, shapes } = table;
  found.start = from;
  found.limit = to;
  const guess = recent === null ? null : recent.next;
  if (guess !== null && fitShape(guess, source, found)) return hit(table, guess);
  for (let i = 0; i < shapes.length; i++) {
    const shape = shapes[i];
    if (shape !== guess && fitShape(shape, source, found)) return hit(table, shape);
  }
  return null;
}

function hit(table: ShapeTable, shape: EventShape): EventShape {
  shape.hits++;
  if (table.recent !== null) table.recent.next = shape;
  table.recent = shape;
  return shape;
}

/** Where an event that was parsed lies: from `start`, its payload from `payload` up to `lineEnd`, over at `end`. */
export interface EventPlace {
  start: number;
  payload: number;
  lineEnd: number;
  end: number;
}

/** Learns from an event that fitted no shape and was decoded as `delta`; its only line is a data line. */
export function learnFrom(
  table: ShapeTable,
  { bytes }: ByteSource,
  { start, payload, lineEnd, end }: EventPlace,
  delta: Delta,
): void {
  if (table.wait > 0) {
    table.wait--;
    return;
  }
  const parts = {
    prefix: bytes.toString('latin1', start, payload),
    payload: bytes.toString('latin1', payload, lineEnd),
    suffix: bytes.toString('latin1', lineEnd, end),
  };
  const shape = TERMINATORS.includes(parts.suffix) ? shapeOf(parts, delta, table.decode) : null;
  if (shape !== null) keep(table, shape);
  if (table.shapes.length < UNHURRIED_AFTER && shape !== null) return;
  table.patience = Math.min(Math.max(1, table.patience * 2), MAX_PATIENCE);
  table.wait = table.patience;
}

/** An event that cannot be learned from is parsed each time, which is no reason to end a run. */
function shapeOf(
  parts: Parameters<typeof learnShape>[0],
  delta: Delta,
  decode: (data: string) => Delta,
): EventShape | null {
  try {
    return learnShape(parts, delta, decode);
  } catch {
    return null;
  }
}

function keep(table: ShapeTable, shape: EventShape): void {
  const { shapes } = table;
  if (shapes.length >= MAX_SHAPES) {
    const least = shapes.reduce((a, b) => (b.hits < a.hits ? b : a));
    shapes.splice(shapes.indexOf(least), 1);
    for (const other of shapes) {
      other.hits = 0;
      if (other.next === least) other.next = null;
    }
    table.recent = null;
  }
  shapes.push(shape);
}
