/** Plug-in: the request timeline `<dataset>_plot.html`, the built page of web/plot with one run's data in it. */
import { deflateRawSync } from 'node:zlib';
import type { RunEnd, RunInfo } from '../core/run.ts';
import type { ReportFile, Summary } from '../core/summary.ts';
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
  /** Attempts; one line each. */
  count: number;
  /** `encodeTimeline`, raw-deflated, in base64. */
  timeline: string;
}

/**
 * Makes the reporter from the built page (dist/web/plot.html). The same input gives the same bytes; the file
 * needs nothing but itself to open. It throws when the page has no one place for its data.
 */
export function plotReport(
  template: string,
): (summary: Summary, run: RunInfo, end: RunEnd | null) => ReportFile {
  return (summary, run, end) => ({
    fileName: `${run.datasetAbbr}_plot.html`,
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
    count: timeline.count,
    timeline: packed.toString('base64'),
  };
}
