/**
 * The pages `<dataset>_rps_distribution_plot.html` and `<dataset>_rps_distribution_plot_with_actual_rps.html`: when requests were to
 * leave and when they left; the built page of web/rps with one run's times in it.
 */
import { deflateRawSync } from 'node:zlib';
import type { Ramp } from '../core/plan.ts';
import type { RunInfo } from '../core/run.ts';
import type { ReportFile } from '../core/summary.ts';
import { ENDING } from '../core/text/file-name.ts';
import { fillPage, shownUrl } from './page.ts';
import { encodeTimes } from './rps-times.ts';

/** Ascending times: `encodeTimes`, raw-deflated, in base64. */
export interface PackedTimes {
  count: number;
  times: string;
}

/** What the page reads. */
export interface RpsData {
  format: 1;
  tool: string;
  model: string;
  dataset: string;
  url: string;
  /** null before the run. */
  startedAtUnixMs: number | null;
  /** What arrives: requests, or in a pressure run clients that send one request after another. */
  arriving: 'requests' | 'clients';
  /** Arrivals per second without a ramp. */
  targetRps: number;
  burstiness: number;
  ramp: Ramp | null;
  batchSize: number;
  expected: PackedTimes;
  /** First attempts in order of sending; null before the run. */
  actual: PackedTimes | null;
}

export interface RpsTimes {
  /** When each request (or client) is due, ms after the run's start, ascending. */
  expectedMs: Float64Array;
  /** When first attempts were sent, ms after the run's start, ascending; null before the run. */
  sentMs: Float64Array | null;
}

/**
 * Makes one of the two files from the built page (dist/web/rps.html): without sent times the expected one. The
 * same input gives the same bytes. null when the run had no pace of its own to show (closed loop, time stamps).
 */
export function rpsReport(template: string, run: RunInfo, times: RpsTimes): ReportFile | null {
  const pace = paceOf(run.schedule);
  if (pace === null) return null;
  const { expectedMs, sentMs } = times;
  const data: RpsData = {
    format: 1,
    tool: `${run.tool.name} ${run.tool.version}`,
    model: run.model || run.modelAbbr,
    dataset: run.datasetAbbr,
    url: shownUrl(run.url),
    startedAtUnixMs: sentMs === null ? null : run.startedAtUnixMs,
    ...pace,
    batchSize: run.batchSize,
    expected: pack(expectedMs),
    actual: sentMs && pack(sentMs),
  };
  return {
    ending: sentMs === null ? ENDING.expectedRps : ENDING.actualRps,
    content: fillPage(template, data),
  };
}

type Pace = Pick<RpsData, 'arriving' | 'targetRps' | 'burstiness' | 'ramp'>;

/** null when nothing but free slots, or the data's own time stamps, says when a request leaves. */
export function paceOf(schedule: RunInfo['schedule']): Pace | null {
  if (schedule.kind === 'rate') {
    const { requestsPerS, burstiness, ramp = null } = schedule;
    return { arriving: 'requests', targetRps: requestsPerS, burstiness, ramp };
  }
  if (schedule.kind !== 'pressure') return null;
  const { clientsPerS, traffic } = schedule;
  const ramp = traffic?.ramp ?? null;
  if (clientsPerS <= 0 && ramp === null) return null;
  return { arriving: 'clients', targetRps: clientsPerS, burstiness: traffic?.burstiness ?? 0, ramp };
}

function pack(ms: Float64Array): PackedTimes {
  const packed = deflateRawSync(encodeTimes(ms), { level: 9 });
  return { count: ms.length, times: packed.toString('base64') };
}
