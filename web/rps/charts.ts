/** The three charts: uPlot lays out axes, grid and zoom; what lies between them is drawn here. */
import uPlot from 'uplot';
import { count, duration, seconds, tick } from '../plot/text.ts';
import { FONT, type Theme } from '../plot/theme.ts';
import type { Histogram, Line, Model } from './model.ts';
import { paintBars, paintLine, paintPoints, paintSteps } from './paint.ts';
import { KIND } from './rates.ts';
import type { Trace, TraceName } from './traces.ts';

export interface Stage {
  model: Model;
  traces: Trace[];
  theme(): Theme;
  /** A color of style.css by its name. */
  color(name: string): string;
}

export interface Chart {
  plot: uPlot;
  host: HTMLElement;
  draw(): void;
}

interface Parts {
  xLabel: string;
  yLabel: string;
  x: { min: number; max: number; log: boolean };
  y: { min: number; max: number; log: boolean };
  zoom: boolean;
  draw(u: uPlot): void;
  /** What the line above the chart says of the point under the cursor. */
  read(u: uPlot): string;
}

export function rateChart(host: HTMLElement, readout: HTMLElement, stage: Stage): Chart {
  const { model: m } = stage;
  host.setAttribute('aria-label', `Rate over time: ${m.expected.count} planned gaps`);
  return createChart(host, readout, stage, {
    xLabel: 'Time (seconds)',
    yLabel: m.data.arriving === 'clients' ? 'Clients per second' : 'RPS',
    x: { min: 0, max: m.endsAt * 1.01, log: false },
    y: m.rateRange,
    zoom: true,
    draw: (u) => drawRates(u, stage),
    read: (u) => readRate(u, m),
  });
}

function drawRates(u: uPlot, { model: m, traces, color }: Stage): void {
  const ratio = uPlot.pxRatio;
  const shown = (name: TraceName) => traces.some((t) => t.name === name && t.shown);
  const points = (kind: number, name: string, size: number) => ({
    wanted: (i: number) => m.kinds[i] === kind,
    look: { color: color(name), size: size * ratio, alpha: 0.75 },
  });
  const paint = ({ wanted, look }: ReturnType<typeof points>) => paintPoints(u, m.expected, wanted, look);
  const line = ({ at, perS }: Line, name: string, width: number, dash: number[] = []) =>
    paintLine(u, at, perS, { color: color(name), width: width * ratio, dash: dash.map((d) => d * ratio) });
  if (m.actual && shown('actual')) {
    const look = { color: color('sent'), size: 2 * ratio, alpha: 0.5 };
    paintPoints(u, m.actual, () => true, look);
  }
  if (shown('normal')) paint(points(KIND.normal, 'expected', 2.5));
  if (shown('odd')) paint(points(KIND.odd, 'odd', 3));
  if (shown('short')) paint(points(KIND.short, 'short', 3));
  if (shown('average')) line(m.average, 'average', 4);
  if (m.actualAverage && shown('actualAverage')) line(m.actualAverage, 'sent', 1.5);
  if (m.ramp && shown('ramp')) line(m.ramp, 'ramp', 2, [6, 5]);
}

function readRate(u: uPlot, { expected, kinds }: Model): string {
  const time = u.posToVal(u.cursor.left ?? -1, 'x');
  const i = nearest(expected.at, time);
  if (i < 0) return '';
  const kind = ['', ', a very short gap', ', far off the meant gap'][kinds[i]];
  return `#${count(i + expected.first + 1)} due at ${seconds(expected.at[i])}: ${duration(expected.gap[i])} after the one before, ${rate(expected.perS[i])} per second${kind}`;
}

export function countsChart(host: HTMLElement, readout: HTMLElement, stage: Stage): Chart {
  const { counts, data } = stage.model;
  const xLabel = data.arriving === 'clients' ? 'Clients per second' : 'RPS';
  return histogramChart(host, readout, stage, { ...counts, color: 'counted', xLabel, show: rate });
}

export function gapsChart(host: HTMLElement, readout: HTMLElement, stage: Stage): Chart {
  const xLabel = 'Interval Time (seconds)';
  const look = { color: 'counted-gaps', xLabel, show: duration };
  return histogramChart(host, readout, stage, { ...stage.model.gaps, ...look });
}

interface ShownHistogram extends Histogram {
  /** Name of a color in style.css. */
  color: string;
  xLabel: string;
  /** An edge between two bars as text. */
  show(value: number): string;
}

function histogramChart(
  host: HTMLElement,
  readout: HTMLElement,
  stage: Stage,
  { bins, expected, actual, law, color, xLabel, show }: ShownHistogram,
): Chart {
  host.setAttribute('aria-label', `Histogram of ${expected.length} bins: ${xLabel}`);
  const { edges, log } = bins;
  const highest = [expected, actual, law].flatMap((list) => (list ? [...list] : []));
  const max = Math.max(1, ...highest);
  return createChart(host, readout, stage, {
    xLabel: log ? `${xLabel}, logarithmic` : xLabel,
    yLabel: 'Request Count',
    x: { min: edges[0], max: edges[edges.length - 1], log },
    y: { min: 0, max: max * 1.08, log: false },
    zoom: false,
    draw(u) {
      const ratio = uPlot.pxRatio;
      paintBars(u, edges, expected, stage.color(color));
      if (actual) paintSteps(u, edges, actual, { color: stage.color('sent'), width: 2 * ratio });
      if (law) {
        const middle = expected.map((_, i) => (edges[i] + edges[i + 1]) / 2);
        paintLine(u, middle, law, { color: stage.color('text'), width: 1.5 * ratio });
      }
    },
    read(u) {
      const value = u.posToVal(u.cursor.left ?? -1, 'x');
      const i = edges.findIndex((edge) => edge > value) - 1;
      if (i < 0) return '';
      const sent = actual ? `, actual ${count(actual[i])}` : '';
      return `${show(edges[i])} to ${show(edges[i + 1])}: expected ${count(expected[i])}${sent}`;
    },
  });
}

function createChart(host: HTMLElement, readout: HTMLElement, stage: Stage, parts: Parts): Chart {
  const scale = ({ min, max, log }: Parts['x']): uPlot.Scale => ({
    time: false,
    distr: log ? 3 : 1,
    range: [min, max],
  });
  const zoomable: uPlot.Scale = { time: false, range: (_, min, max) => [min, max] };
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: Math.max(host.clientHeight, 100),
      padding: [8, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: parts.zoom, y: false, setScale: parts.zoom } },
      series: [{}, { show: true, stroke: 'transparent', points: { show: false } }],
      scales: { x: parts.zoom ? zoomable : scale(parts.x), y: scale(parts.y) },
      axes: [axis(stage, parts.xLabel, parts.x.log, 30), axis(stage, parts.yLabel, parts.y.log, 58)],
      hooks: {
        draw: [parts.draw],
        setCursor: [
          (u) => {
            readout.textContent = (u.cursor.left ?? -1) < 0 ? '' : parts.read(u);
          },
        ],
      },
    },
    // Nothing of uPlot's own is drawn; the two values say where the axis begins and ends.
    [
      [parts.x.min, parts.x.max],
      [parts.y.min, parts.y.max],
    ],
    host,
  );
  return { plot, host, draw: () => plot.redraw(false, true) };
}

/** Steps of 1, 2 and 5, whose labels need no more digits than they show. */
const STEPS = Array.from({ length: 19 }, (_, i) => i - 9).flatMap((power) =>
  [1, 2, 5].map((n) => Number(`${n}e${power}`)),
);

/** 1, 2, 5, 10 …, or powers of ten alone when there are many. */
function logSplits(min: number, max: number): number[] {
  const digits = max / min > 1e3 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: 31 }, (_, i) => i - 15);
  const all = powers.flatMap((power) => digits.map((n) => Number(`${n}e${power}`)));
  return all.filter((v) => v >= min && v <= max);
}

function axis(stage: Stage, label: string, log: boolean, size: number): uPlot.Axis {
  return {
    label,
    size,
    ...(log
      ? { splits: (_, __, min, max) => logSplits(min, max), filter: (_, splits) => splits }
      : { incrs: STEPS }),
    stroke: () => stage.theme().muted,
    font: `11px ${FONT}`,
    labelFont: `12px ${FONT}`,
    labelSize: 22,
    gap: 5,
    grid: { stroke: () => stage.theme().grid, width: 1 },
    ticks: { stroke: () => stage.theme().line, width: 1, size: 5 },
    border: { show: true, stroke: () => stage.theme().line, width: 1 },
    values: (...[, splits, , , step]) =>
      splits.map((v) => {
        if (v === null) return '';
        return log ? v.toLocaleString('en-US', { maximumSignificantDigits: 3 }) : tick(v, step);
      }),
  };
}

/** Where in ascending `at` the value next to `time` stands; -1 when there is none. */
function nearest(at: Float64Array, time: number): number {
  let [low, high] = [0, at.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - at[low - 1] < at[low] - time ? low - 1 : high;
}

const rate = (perS: number) => perS.toLocaleString('en-US', { maximumSignificantDigits: 4 });
