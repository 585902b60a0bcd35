/** The page of the request rate: reads its data, builds three charts and the table that explains them. */
import './style.css';
import type { RpsData } from '../../src/reporters/rps-plot.ts';
import { runTitle } from '../plot/header.ts';
import { savePng } from '../plot/save-png.ts';
import { count, duration, moment } from '../plot/text.ts';
import { readTheme } from '../plot/theme.ts';
import { type Chart, countsChart, gapsChart, rateChart, type Stage } from './charts.ts';
import { loadModel, type Model } from './model.ts';
import { fillLegend, type Trace, tracesOf } from './traces.ts';

/** `window.__rps`: what the page shows, for tests and scripts. Kept stable. */
export interface RpsHooks {
  ready: true;
  planned: number;
  sent: number | null;
  traces: { name: string; points: number; shown: boolean }[];
  /** Seconds that the upper left chart shows. */
  xRange(): [number, number];
  /** How long building and drawing everything took, ms. */
  drawMs: number;
}

declare global {
  interface Window {
    __rps?: RpsHooks;
  }
}

const element = (id: string) => document.getElementById(id) as HTMLElement;

async function start(): Promise<void> {
  const before = performance.now();
  const data: RpsData = JSON.parse(element('data').textContent ?? '');
  const model = await loadModel(data);
  const traces = tracesOf(model);
  const stage = setStage(model, traces);
  const figures = fillHeader(model);
  const charts: Chart[] = [];
  fillLegend(traces, model, element, () => charts[0].draw());
  charts.push(
    rateChart(element('rate'), element('rate-read'), stage),
    countsChart(element('counts'), element('counts-read'), stage),
    gapsChart(element('gaps'), element('gaps-read'), stage),
  );
  connect(charts, stage, figures);
  // uPlot draws in a microtask of its own.
  await Promise.resolve();
  const { x } = charts[0].plot.scales;
  window.__rps = {
    ready: true,
    planned: data.expected.count,
    sent: data.actual?.count ?? null,
    traces,
    xRange: () => [x.min ?? 0, x.max ?? 0],
    drawMs: performance.now() - before,
  };
}

function setStage(model: Model, traces: Trace[]): Stage {
  let theme = readTheme();
  let style = getComputedStyle(document.documentElement);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme = readTheme();
    style = getComputedStyle(document.documentElement);
  });
  return {
    model,
    traces,
    theme: () => theme,
    color: (name) => style.getPropertyValue(`--${name}`).trim(),
  };
}

const perS = (rate: number) => `${rate.toLocaleString('en-US', { maximumSignificantDigits: 5 })} per second`;

const BURSTINESS_WORDS: Record<number, string> = { 0: '0 (constant gaps)', 1: '1 (Poisson)' };

/** Fills the head of the page; returns its figures as one line, for the picture. */
function fillHeader({ data, expected, actual }: Model): string {
  const { ramp, targetRps, burstiness, arriving } = data;
  document.title = `${data.model} · ${data.dataset} · Distribution of the request rate`;
  element('title').textContent = runTitle(data);
  element('origin').textContent = originOf(data);
  const target = ramp ? `${ramp.startRps} → ${ramp.endRps} per second` : perS(targetRps);
  const figures = [
    [ramp ? `${ramp.strategy === 'linear' ? 'Linear' : 'Exponential'} ramp` : 'Target Rate', target],
    [arriving === 'clients' ? 'Planned clients' : 'Planned requests', count(data.expected.count)],
    ['Planned mean', meanRate(expected.count, expected.gap)],
    ['Gaps', `${duration(least(expected.gap))} to ${duration(most(expected.gap))}`],
    ['Burstiness', BURSTINESS_WORDS[burstiness] ?? String(burstiness)],
    ...(actual ? [['Actual mean', meanRate(actual.count, actual.gap)]] : []),
  ];
  for (const [name, value] of figures) {
    const group = document.createElement('div');
    const [term, definition] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    definition.textContent = value;
    group.append(term, definition);
    element('figures').append(group);
  }
  const what = arriving === 'clients' ? 'Clients' : 'Requests';
  element('rate-title').textContent = 'Time vs RPS - Distribution';
  element('counts-title').textContent = `Expected: RPS vs ${what.slice(0, -1)} Count - Distribution`;
  element('gaps-title').textContent = `Expected: Gamma Distribution (burstiness: ${burstiness})`;
  element('notice').hidden = expected.count > 0;
  element('notice').textContent = `${what} are too few to have gaps between them.`;
  return figures.map(([name, value]) => `${name} ${value}`).join('   ');
}

function originOf({ url, startedAtUnixMs, tool, batchSize }: RpsData): string {
  const when = startedAtUnixMs === null ? 'planned' : moment(startedAtUnixMs);
  return [url, when, `Max Concurrency ${count(batchSize)}`, tool].filter(Boolean).join(' · ');
}

function connect(charts: Chart[], stage: Stage, figures: string): void {
  const { data } = stage.model;
  const [rates] = charts;
  element('reset').onclick = () => rates.plot.setScale('x', { min: 0, max: stage.model.endsAt * 1.01 });
  element('save').onclick = () => {
    const legend = stage.traces
      .filter((t) => t.shown)
      .map((t) => ({ text: t.title, color: t.color, shape: t.line ? 'limit' : 'bar' }) as const);
    const text = { title: runTitle(data), origin: originOf(data), figures, legend };
    savePng(
      charts,
      text,
      stage.theme(),
      `${data.dataset.replace(/[^\w.-]+/g, '_')}_rps_distribution_plot.png`,
    );
  };
  const fit = () => {
    for (const { plot, host } of charts) plot.setSize({ width: host.clientWidth, height: host.clientHeight });
  };
  const watcher = new ResizeObserver(fit);
  for (const { host } of charts) watcher.observe(host);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
    charts.forEach((c) => void c.draw()),
  );
}

function meanRate(gaps: number, gap: Float64Array): string {
  const time = gap.reduce((a, b) => a + b, 0);
  return time > 0 ? perS(gaps / time) : '–';
}

const least = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b), values[0] ?? Number.NaN);
const most = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), values[0] ?? Number.NaN);

start().catch((error: unknown) => {
  element('notice').hidden = false;
  element('notice').textContent = `This page could not read its data: ${String(error)}`;
  throw error;
});
