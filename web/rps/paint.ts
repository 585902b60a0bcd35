/** Points, lines and bars on a chart's canvas: never more work than there are pixels to fill. */
import type uPlot from 'uplot';
import type { Line } from './model.ts';

interface Scales {
  /** Canvas pixels of a value. */
  x(value: number): number;
  y(value: number): number;
}

/** uPlot's own mapping costs a call through its scales for each point; with 100,000 of them that is felt. */
function scalesOf(u: uPlot): Scales {
  const { left, top, width, height } = u.bbox;
  const share = (key: string) => {
    const { min = 0, max = 1, distr } = u.scales[key];
    if (distr !== 3) return (v: number) => (v - min) / (max - min);
    const [low, span] = [Math.log(min), Math.log(max / min)];
    return (v: number) => (Math.log(v) - low) / span;
  };
  const [x, y] = [share('x'), share('y')];
  return { x: (v) => left + x(v) * width, y: (v) => top + (1 - y(v)) * height };
}

/** Draws inside the plotting area only. */
function inside(u: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
  draw(u.ctx);
  u.ctx.restore();
}

/** A square per point; points that fall on the same pixel are one. Infinite values are left out. */
export function paintPoints(
  u: uPlot,
  { at, perS }: Line,
  wanted: (i: number) => boolean,
  look: { color: string; size: number; alpha: number },
): void {
  const scale = scalesOf(u);
  const { left, top, width, height } = u.bbox;
  const columns = Math.ceil(width) + 1;
  const taken = new Uint8Array(columns * (Math.ceil(height) + 1));
  inside(u, (ctx) => {
    ctx.fillStyle = look.color;
    ctx.globalAlpha = look.alpha;
    for (let i = 0; i < at.length; i++) {
      if (!wanted(i) || !Number.isFinite(perS[i])) continue;
      const x = Math.round(scale.x(at[i]) - left);
      const y = Math.round(scale.y(perS[i]) - top);
      if (x < 0 || x > width || y < 0 || y > height) continue;
      if (taken[y * columns + x]++ > 0) continue;
      ctx.fillRect(left + x - look.size / 2, top + y - look.size / 2, look.size, look.size);
    }
  });
}

/** A line; within one pixel column only its first, lowest, highest and last point. */
export function paintLine(
  u: uPlot,
  at: Float64Array,
  values: Float64Array,
  look: { color: string; width: number; dash?: number[] },
): void {
  const scale = scalesOf(u);
  inside(u, (ctx) => {
    ctx.strokeStyle = look.color;
    ctx.lineWidth = look.width;
    ctx.setLineDash(look.dash ?? []);
    ctx.lineJoin = 'round';
    ctx.beginPath();
    let column = Number.NaN;
    let low = 0;
    let high = 0;
    let last = 0;
    const flush = () => {
      for (const y of [low, high, last]) ctx.lineTo(column, y);
    };
    for (let i = 0; i < at.length; i++) {
      const x = Math.round(scale.x(at[i]));
      const y = scale.y(values[i]);
      if (x !== column) {
        if (!Number.isNaN(column)) flush();
        column = x;
        low = y;
        high = y;
        ctx.lineTo(x, y);
      }
      low = Math.max(low, y);
      high = Math.min(high, y);
      last = y;
    }
    if (!Number.isNaN(column)) flush();
    ctx.stroke();
  });
}

export function paintBars(u: uPlot, edges: Float64Array, counts: Float64Array, color: string): void {
  const scale = scalesOf(u);
  inside(u, (ctx) => {
    ctx.fillStyle = color;
    counts.forEach((n, i) => {
      const [from, to] = [scale.x(edges[i]), scale.x(edges[i + 1])];
      const top = scale.y(n);
      ctx.fillRect(from + 0.5, top, Math.max(1, to - from - 1), scale.y(0) - top);
    });
  });
}

/** The outline of a histogram. */
export function paintSteps(
  u: uPlot,
  edges: Float64Array,
  counts: Float64Array,
  look: { color: string; width: number },
): void {
  const scale = scalesOf(u);
  inside(u, (ctx) => {
    ctx.strokeStyle = look.color;
    ctx.lineWidth = look.width;
    ctx.beginPath();
    ctx.moveTo(scale.x(edges[0]), scale.y(0));
    counts.forEach((n, i) => {
      ctx.lineTo(scale.x(edges[i]), scale.y(n));
      ctx.lineTo(scale.x(edges[i + 1]), scale.y(n));
    });
    ctx.lineTo(scale.x(edges[counts.length]), scale.y(0));
    ctx.stroke();
  });
}
