/** Draws the step curve of concurrency and the configured maximum. */
import type { Canvas } from './canvas.ts';
import { type Steps, visibleCorners } from './level.ts';

export function paintLevel({ ctx, box, x, y, theme, ratio }: Canvas, steps: Steps): void {
  const columnOf = (time: number) => Math.round(((time - x.min) / (x.max - x.min)) * box.width);
  const heightOf = (level: number) =>
    box.top + Math.round(((y.max - level) / (y.max - y.min)) * box.height) - 0.5;
  const floor = heightOf(0);
  const curve = new Path2D();
  const area = new Path2D();
  let last = box.left;
  visibleCorners(steps, x, columnOf, (column, level) => {
    last = box.left + column + 0.5;
    if (column === 0) area.lineTo(last, floor);
    curve.lineTo(last, heightOf(level));
    area.lineTo(last, heightOf(level));
  });
  area.lineTo(last, floor);
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top - ratio, box.width, box.height + ratio);
  ctx.clip();
  ctx.fillStyle = theme.levelFill;
  ctx.fill(area);
  ctx.strokeStyle = theme.level;
  ctx.lineWidth = 1.25 * ratio;
  ctx.lineJoin = 'round';
  ctx.stroke(curve);
  ctx.restore();
}

/** A dotted line at `batch_size`. */
export function paintLimit({ ctx, box, y, theme, ratio }: Canvas, limit: number): void {
  if (limit > y.max) return;
  const line = box.top + Math.round(((y.max - limit) / (y.max - y.min)) * box.height) - 0.5;
  ctx.save();
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = ratio;
  ctx.setLineDash([1.5 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(box.left, line);
  ctx.lineTo(box.left + box.width, line);
  ctx.stroke();
  ctx.restore();
}
