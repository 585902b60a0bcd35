/** The charts: uPlot lays out axes and grid and sizes the canvas; what lies between them is drawn here. */
import uPlot from 'uplot';
import type { Canvas } from './canvas.ts';
import type { Layout } from './layout.ts';
import type { Steps } from './level.ts';
import type { Requests } from './load.ts';
import { paintLevel, paintLimit } from './paint-level.ts';
import { requestPainter } from './paint-requests.ts';
import { hatchCuts, type Plateau, paintThroughput } from './plateau.ts';
import { markSteady, type Steady, shadeSteady } from './steady.ts';
import { count, tick } from './text.ts';
import { FONT, type Theme } from './theme.ts';
import type { Range, View } from './view.ts';

/** What the charts are drawn from. The theme and the layout may change. */
export interface Stage {
  requests: Requests;
  layout: Layout;
  steps: Steps;
  steady: Steady | null;
  plateau: Plateau | null;
  theme: Theme;
  view: View;
  batchSize: number;
  levelY: Range;
}

export interface Chart {
  plot: uPlot;
  host: HTMLElement;
  /** Takes over the view's ranges and draws at once. */
  draw(): void;
}

const WHOLE_STEPS = [1, 2, 5].flatMap((n) => [n, 10 * n, 100 * n, 1e3 * n, 1e4 * n, 1e5 * n, 1e6 * n]);
WHOLE_STEPS.sort((a, b) => a - b);

export function requestChart(host: HTMLElement, stage: Stage): Chart {
  host.setAttribute(
    'aria-label',
    `Timeline of ${stage.requests.count} requests; arrow keys move, + and - zoom`,
  );
  const paint = requestPainter();
  const title = () =>
    stage.layout.rows < stage.requests.count
      ? 'Requests, each in the lowest free lane'
      : 'Requests, in the order they were sent';
  return createChart(host, stage, {
    shaded: () => stage.steady,
    title,
    y: () => stage.view.y(),
    padTop: 50,
    timeLabels: false,
    draw: (canvas) => {
      paint(canvas, stage);
      if (stage.steady) markSteady(canvas, stage.steady, true);
    },
  });
}

export function levelChart(host: HTMLElement, stage: Stage): Chart {
  host.setAttribute('aria-label', `Requests in flight over time, at most ${stage.steps.max}`);
  return createChart(host, stage, {
    shaded: () => stage.steady,
    title: () => 'Concurrency: requests in flight, failed ones included',
    y: () => stage.levelY,
    padTop: 30,
    timeLabels: true,
    draw: (canvas) => {
      if (stage.plateau) hatchCuts(canvas, stage.plateau);
      paintLevel(canvas, stage.steps);
      paintLimit(canvas, stage.batchSize);
      if (stage.steady) markSteady(canvas, stage.steady, false);
    },
  });
}

/** Output tokens per second over the whole run, and averaged over a request cycle between what was cut. */
export function throughputChart(host: HTMLElement, stage: Stage, plateau: Plateau): Chart {
  host.setAttribute('aria-label', 'Output tokens per second over time');
  const top = Math.max(1, ...plateau.tokensPerS, ...plateau.bins.tokensPerS, plateau.mean ?? 0) * 1.14;
  return createChart(host, stage, {
    shaded: () => plateau.window,
    title: () => 'Output tokens per second; hatched: cut from the plateau',
    y: () => ({ min: 0, max: top }),
    padTop: 30,
    timeLabels: false,
    draw: (canvas) => {
      hatchCuts(canvas, plateau);
      paintThroughput(canvas, plateau);
    },
  });
}

interface Parts {
  /** The time range that is shaded. */
  shaded(): Pick<Steady, 'start' | 'end'> | null;
  title(): string;
  y(): Range;
  padTop: number;
  timeLabels: boolean;
  draw(canvas: Canvas): void;
}

function createChart(host: HTMLElement, stage: Stage, parts: Parts): Chart {
  const minMax = ({ min, max }: Range): uPlot.Range.MinMax => [min, max];
  const canvasOf = ({ ctx, bbox }: uPlot): Canvas => ({
    ctx,
    box: bbox,
    x: stage.view.x(),
    y: parts.y(),
    theme: stage.theme,
    ratio: uPlot.pxRatio,
  });
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: Math.max(host.clientHeight, 100),
      padding: [parts.padTop, 16, parts.timeLabels ? 0 : 8, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      series: [{}, { show: false }],
      scales: {
        x: { time: false, auto: false, range: () => minMax(stage.view.x()) },
        y: { auto: false, range: () => minMax(parts.y()) },
      },
      axes: [timeAxis(stage, parts.timeLabels), rowAxis(stage)],
      hooks: {
        drawClear: [
          (u) => {
            const shaded = parts.shaded();
            if (shaded) shadeSteady(canvasOf(u), shaded);
          },
        ],
        draw: [
          (u) => {
            const canvas = canvasOf(u);
            parts.draw(canvas);
            drawText(canvas, parts.title(), { left: u.bbox.left, top: 8 * canvas.ratio }, stage.theme.text);
            if (stage.requests.count === 0) drawEmpty(canvas);
          },
        ],
      },
    },
    [
      [0, 1],
      [null, null],
    ],
    host,
  );
  return {
    plot,
    host,
    draw() {
      const x = stage.view.x();
      const y = parts.y();
      plot.batch(() => {
        plot.setScale('x', { min: x.min, max: x.max });
        plot.setScale('y', { min: y.min, max: y.max });
      });
    },
  };
}

function timeAxis(stage: Stage, labels: boolean): uPlot.Axis {
  return {
    ...axisLook(stage),
    space: 90,
    size: labels ? 30 : 0,
    ...(labels && { label: 'Time since the start of the run (s)' }),
    labelFont: `12px ${FONT}`,
    labelSize: 22,
    labelGap: 4,
    values: (...[, splits, , , step]) => splits.map((v) => (labels ? tick(v, step) : '')),
  };
}

function rowAxis(stage: Stage): uPlot.Axis {
  // All charts get the room that the longest label of any needs: the time axes must line up.
  const tokens = Math.round(Math.max(0, ...(stage.plateau?.tokensPerS ?? [])));
  const longest = count(Math.max(stage.requests.count, stage.levelY.max, tokens, 100)).length;
  return {
    ...axisLook(stage),
    space: 34,
    size: 22 + longest * 7,
    incrs: WHOLE_STEPS,
    values: (_, splits) => splits.map((v) => count(v)),
  };
}

function axisLook(stage: Stage): uPlot.Axis {
  return {
    stroke: () => stage.theme.muted,
    // Whole pixels: uPlot scales no other size on a dense screen.
    font: `11px ${FONT}`,
    gap: 6,
    grid: { stroke: () => stage.theme.grid, width: 1 },
    ticks: { stroke: () => stage.theme.line, width: 1, size: 5 },
    border: { show: true, stroke: () => stage.theme.line, width: 1 },
  };
}

function drawText(
  { ctx, ratio }: Canvas,
  text: string,
  { left, top }: { left: number; top: number },
  color: string,
): void {
  ctx.save();
  ctx.fillStyle = color;
  ctx.font = `600 ${12.5 * ratio}px ${FONT}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.fillText(text, left, top);
  ctx.restore();
}

function drawEmpty(canvas: Canvas): void {
  const { box, theme, ratio } = canvas;
  const place = { left: box.left + 16 * ratio, top: box.top + box.height / 2 };
  drawText(canvas, 'No requests were recorded.', place, theme.muted);
}
