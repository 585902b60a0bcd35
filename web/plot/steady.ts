/** The calculated steady stage: its shade behind the data and its marks over them. */
import type { PlotData } from '../../src/reporters/plot.ts';
import { type Canvas, xAt } from './canvas.ts';
import { seconds } from './text.ts';
import { FONT } from './theme.ts';

/** CSS pixels above the chart. */
const LABEL_HEIGHT = 19;

export interface Steady {
  start: number;
  end: number;
  /** In order of time. */
  marks: { name: string; at: number }[];
}

/** Times in seconds; null when the run has no steady stage to show. */
export function steadyOf({ steady }: PlotData): Steady | null {
  if (!steady) return null;
  const given = { t1: steady.t1Ms, t2: steady.t2Ms, t4: steady.t4Ms };
  const marks = Object.entries(given).flatMap(([name, ms]) =>
    ms === undefined ? [] : [{ name, at: ms / 1000 }],
  );
  return { start: steady.startMs / 1000, end: steady.endMs / 1000, marks };
}

export function shadeSteady(canvas: Canvas, steady: Pick<Steady, 'start' | 'end'>): void {
  const { ctx, box, theme } = canvas;
  const left = Math.max(box.left, xAt(canvas, steady.start));
  const right = Math.min(box.left + box.width, xAt(canvas, steady.end));
  if (right <= left) return;
  ctx.fillStyle = theme.steadyFill;
  ctx.fillRect(left, box.top, right - left, box.height);
}

/** Lines through the chart and, when `isLabeled`, their names above it. */
export function markSteady(canvas: Canvas, steady: Steady, isLabeled: boolean): void {
  const { ctx, box, x, theme, ratio } = canvas;
  const visible = steady.marks.filter(({ at }) => at >= x.min && at <= x.max);
  ctx.save();
  ctx.strokeStyle = theme.steady;
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.beginPath();
  for (const { at } of visible) {
    ctx.moveTo(lineAt(canvas, at), box.top - (isLabeled ? LABEL_HEIGHT * ratio : 0));
    ctx.lineTo(lineAt(canvas, at), box.top + box.height);
  }
  ctx.stroke();
  if (isLabeled) writeNames(canvas, visible);
  ctx.restore();
}

/** Each beside its line, where there is room for it. */
function writeNames(canvas: Canvas, marks: Steady['marks']): void {
  const { ctx, box, theme, ratio } = canvas;
  ctx.font = `600 ${11.5 * ratio}px ${FONT}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const gap = 4 * ratio;
  const right = box.left + box.width;
  let freeFrom = 0;
  for (const { name, at } of marks) {
    const text = `${name}  ${seconds(at)}`;
    const width = ctx.measureText(text).width;
    // t1 and t2 are often close, so t1 stands left of its line and the others right, where there is room.
    const before = lineAt(canvas, at) - gap - width;
    const after = lineAt(canvas, at) + gap;
    const onLeft = name === 't1' ? before >= 0 : after + width > right;
    const left = Math.max(onLeft ? before : after, freeFrom);
    freeFrom = left + width + 2 * gap;
    if (left + width > right) continue;
    const top = box.top - LABEL_HEIGHT * ratio;
    ctx.fillStyle = theme.page;
    ctx.fillRect(left - 1, top, width + 2, (LABEL_HEIGHT - 3) * ratio);
    ctx.fillStyle = theme.steady;
    ctx.fillText(text, left, top + ((LABEL_HEIGHT - 2) / 2) * ratio);
  }
}

/** In the middle of a pixel, so that the line is sharp. */
function lineAt(canvas: Canvas, time: number): number {
  return Math.round(xAt(canvas, time)) + 0.5;
}
