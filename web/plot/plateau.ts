/** The plateau that was found: tokens per second over the run, the parts cut from it, and why. */
import type { PlotData } from '../../src/reporters/plot.ts';
import { type Canvas, xAt, yAt } from './canvas.ts';
import { count, seconds } from './text.ts';
import { FONT } from './theme.ts';

/** CSS pixels between the strokes of a cut part. */
const HATCH = 7;

/** Times in seconds. */
export interface Plateau {
  window: { start: number; end: number } | null;
  noWindow: string;
  cuts: { from: number; to: number; why: string }[];
  at: number[];
  tokensPerS: number[];
  mean: number | null;
  /** Tokens per second over the whole run; bin i begins at `from` + i · `width`. */
  bins: { from: number; width: number; tokensPerS: number[] };
}

/** null when the run has no such series to show. */
export function plateauOf({ plateau }: PlotData): Plateau | null {
  if (!plateau || plateau.bins.tokensPerS.length === 0) return null;
  const { window, cuts, noWindow, atMs, tokensPerS, bins } = plateau;
  return {
    window: window && { start: window.startMs / 1000, end: window.endMs / 1000 },
    noWindow,
    cuts: cuts.map(({ fromMs, toMs, why }) => ({ from: fromMs / 1000, to: toMs / 1000, why })),
    at: atMs.map((ms) => ms / 1000),
    tokensPerS,
    mean: plateau.meanTokensPerS,
    bins: { from: bins.fromMs / 1000, width: bins.widthMs / 1000, tokensPerS: bins.tokensPerS },
  };
}

/** One line: the window, its throughput and each cut with its reason. */
export function plateauText({ window, noWindow, cuts, mean }: Plateau): string {
  const rate = mean === null ? '' : `, ${count(Math.round(mean))} output tokens per second`;
  const found = window
    ? `Plateau found from ${seconds(window.start)} to ${seconds(window.end)}${rate}.`
    : `No plateau: ${noWindow}`;
  return [found, ...cuts.map(cutText)].join(' ');
}

const cutText = ({ from, to, why }: Plateau['cuts'][number]) =>
  `Cut ${seconds(from)} to ${seconds(to)}: ${why.replace(/\.$/, '')}.`;

/** The cut that a moment lies in. */
export function cutAt({ cuts }: Plateau, time: number): Plateau['cuts'][number] | undefined {
  return cuts.find(({ from, to }) => time >= from && time < to);
}

/** Tokens per second in the bin that a moment lies in. */
export function tokensPerSAt({ bins: { from, width, tokensPerS } }: Plateau, time: number): number {
  return tokensPerS[Math.floor((time - from) / width)] ?? 0;
}

/** Hatches the cut parts. */
export function hatchCuts(canvas: Canvas, { cuts }: Plateau): void {
  const { ctx, box, theme, ratio } = canvas;
  ctx.save();
  ctx.lineWidth = ratio;
  for (const { from, to } of cuts) {
    const left = Math.max(box.left, xAt(canvas, from));
    const right = Math.min(box.left + box.width, xAt(canvas, to));
    if (right <= left) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, box.top, right - left, box.height);
    ctx.clip();
    ctx.fillStyle = theme.cutFill;
    ctx.fillRect(left, box.top, right - left, box.height);
    ctx.strokeStyle = theme.cut;
    ctx.beginPath();
    for (let at = left - box.height; at < right; at += HATCH * ratio) {
      ctx.moveTo(at, box.top + box.height);
      ctx.lineTo(at + box.height, box.top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}

/** Tokens per second as a line, and their mean over the window. */
export function paintThroughput(canvas: Canvas, plateau: Plateau): void {
  const { ctx, box, theme, ratio } = canvas;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  paintBins(canvas, plateau);
  ctx.beginPath();
  for (const [i, at] of plateau.at.entries()) ctx.lineTo(xAt(canvas, at), yAt(canvas, plateau.tokensPerS[i]));
  ctx.strokeStyle = theme.throughput;
  ctx.lineWidth = 1.75 * ratio;
  ctx.lineJoin = 'round';
  ctx.stroke();
  const { window, mean } = plateau;
  if (window && mean !== null) paintMean(canvas, mean, window);
  ctx.restore();
}

/** A line over the window, with its value below. */
function paintMean(canvas: Canvas, mean: number, window: { start: number; end: number }): void {
  const { ctx, box, theme, ratio } = canvas;
  const line = Math.round(yAt(canvas, mean)) - 0.5;
  const left = Math.max(box.left, xAt(canvas, window.start));
  const right = Math.min(box.left + box.width, xAt(canvas, window.end));
  ctx.strokeStyle = theme.text;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  ctx.moveTo(left, line);
  ctx.lineTo(right, line);
  ctx.stroke();
  writeMean(canvas, `mean ${count(Math.round(mean))} / s`, { left, right, line });
}

/** Steps, filled down to the axis. */
function paintBins(canvas: Canvas, { bins: { from, width, tokensPerS } }: Plateau): void {
  const { ctx, theme, ratio } = canvas;
  const floor = yAt(canvas, 0);
  ctx.beginPath();
  ctx.moveTo(xAt(canvas, from), floor);
  for (const [i, value] of tokensPerS.entries()) {
    ctx.lineTo(xAt(canvas, from + i * width), yAt(canvas, value));
    ctx.lineTo(xAt(canvas, from + (i + 1) * width), yAt(canvas, value));
  }
  ctx.lineTo(xAt(canvas, from + tokensPerS.length * width), floor);
  ctx.fillStyle = theme.throughputFill;
  ctx.fill();
  ctx.strokeStyle = theme.throughput;
  ctx.lineWidth = 0.75 * ratio;
  ctx.stroke();
}

/** Below its line, in the middle, when there is room for it. */
function writeMean(
  { ctx, theme, ratio }: Canvas,
  text: string,
  { left, right, line }: { left: number; right: number; line: number },
): void {
  ctx.font = `600 ${11.5 * ratio}px ${FONT}`;
  if (ctx.measureText(text).width + 8 * ratio > right - left) return;
  ctx.fillStyle = theme.text;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  ctx.fillText(text, (left + right) / 2, line + 9 * ratio);
}
