/** Plug-in: the request timeline `<dataset>_plot.html`, the built page of web/plot with one run's data in it. */
import { deflateRawSync } from 'node:zlib';
import type { RunEnd, RunInfo } from '../core/run.ts';
import type { SteadySummary } from '../core/steady.ts';
import type { ReportFile, Summary } from '../core/summary.ts';
import { ENDING } from '../core/text/file-name.ts';
import { fillPage, shownUrl } from './page.ts';
import { encodeTimeline } from './plot-columns.ts';

/** What the page reads: a header in plain values and the packed timeline. Times in ms after the run's start. */
export interface PlotData {
  format: 1;
  tool: string;
  model: string;
  dataset: string;
  url: string;
  stream: boolean;
  startedAtUnixMs: number;
  interrupted: boolean;
  batchSize: number;
  maxLevel: number;
  /** The calculated steady stage; null when the summary is of the whole run or none was found. */
  steady: { startMs: number; endMs: number; t1Ms?: number; t2Ms?: number; t4Ms?: number } | null;
  /** Why no steady stage was found; '' when one was, or none was looked for. */
  noSteady: string;
  /** What the search for the plateau found; null when the summary does not say. */
  plateau: PlotPlateau | null;
  /** Attempts; one line each. */
  count: number;
  /** `encodeTimeline`, raw-deflated, in base64. */
  timeline: string;
}

/** The window that was found, what was cut and why, and output tokens per second over the run. Times in ms. */
interface PlotPlateau {
  window: { startMs: number; endMs: number } | null;
  noWindow: string;
  cuts: { fromMs: number; toMs: number; why: string }[];
  /** Averaged over a request cycle, between the cuts. */
  atMs: number[];
  tokensPerS: number[];
  /** Over the whole run, in plain bins. */
  bins: { fromMs: number; widthMs: number; tokensPerS: number[] };
  /** Of the window; null without one. */
  meanTokensPerS: number | null;
}

/**
 * Makes the reporter from the built page (dist/web/plot.html). The same input gives the same bytes; the file
 * needs nothing but itself to open. It throws when the page has no one place for its data.
 */
export function plotReport(
  template: string,
): (summary: Summary, run: RunInfo, end: RunEnd | null) => ReportFile {
  return (summary, run, end) => ({
    ending: ENDING.plot,
    content: fillPage(template, plotData(summary, run, end)),
  });
}

function plotData(summary: Summary, run: RunInfo, end: RunEnd | null): PlotData {
  const { timeline, window, stage } = summary;
  const packed = deflateRawSync(encodeTimeline(timeline), { level: 9 });
  return {
    format: 1,
    tool: `${run.tool.name} ${run.tool.version}`,
    model: run.model || run.modelAbbr,
    dataset: run.datasetAbbr,
    url: shownUrl(run.url),
    stream: run.stream,
    startedAtUnixMs: run.startedAtUnixMs,
    interrupted: end?.interrupted ?? true,
    batchSize: run.batchSize,
    maxLevel: summary.maxLevel,
    steady: stage === 'stable' && window ? { ...window } : null,
    noSteady: stage === 'stable' ? (summary.noWindow?.reason ?? '') : '',
    plateau: plateauOf(summary.steady),
    count: timeline.count,
    timeline: packed.toString('base64'),
  };
}

function plateauOf(steady: SteadySummary | null | undefined): PlotPlateau | null {
  if (!steady) return null;
  const { window, noWindow, cuts, series, rates } = steady;
  const mean = rates.find(({ name }) => name === 'Output Token Throughput')?.value;
  return {
    window: window && { startMs: window.startMs, endMs: window.endMs },
    noWindow,
    cuts: cuts.map(({ fromMs, toMs, why }) => ({ fromMs, toMs, why })),
    atMs: series?.atMs.map(thousandth) ?? [],
    tokensPerS: series?.tokensPerS.map(thousandth) ?? [],
    bins: series
      ? { ...series.bins, tokensPerS: series.bins.tokensPerS.map(thousandth) }
      : { fromMs: 0, widthMs: 1, tokensPerS: [] },
    meanTokensPerS: window && mean !== undefined && Number.isFinite(mean) ? mean : null,
  };
}

/** Finer than any screen shows; it keeps the page small. */
const thousandth = (value: number) => Math.round(value * 1000) / 1000;
