/** What a chart is painted on, and where a value stands there. */
import type { Theme } from './theme.ts';
import type { Range } from './view.ts';

/** A rectangle in device pixels. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Canvas {
  ctx: CanvasRenderingContext2D;
  /** Where to draw. */
  box: Box;
  /** The ranges that the box shows, in seconds and in units of the upright axis. */
  x: Range;
  y: Range;
  theme: Theme;
  /** Device pixels per CSS pixel. */
  ratio: number;
}

/** Device pixels of a moment. */
export function xAt({ box, x }: Pick<Canvas, 'box' | 'x'>, time: number): number {
  return box.left + ((time - x.min) / (x.max - x.min)) * box.width;
}

/** Device pixels of a value on the upright axis. */
export function yAt({ box, y }: Pick<Canvas, 'box' | 'y'>, value: number): number {
  return box.top + ((y.max - value) / (y.max - y.min)) * box.height;
}
