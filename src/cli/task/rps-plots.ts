/** Writes the pages that show when requests were to leave, and when they left. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunInfo } from '../../core/run.ts';
import type { Timeline } from '../../core/summary.ts';
import { paceOf, rpsReport } from '../../reporters/rps-plot.ts';
import { createSchedule } from '../../schedules/registry.ts';
import { makeModelFolder, type TaskFiles } from '../../store/run-folder.ts';
import type { Host } from '../host/host.ts';
import { writeWhole } from '../host/write-whole.ts';

/** The expected page alone, before the run. Returns the files written: none when the run has no pace to show. */
export function writeExpectedRps(host: Host, files: TaskFiles, run: RunInfo): string[] {
  return write(host, files, run, [null]);
}

/** Both pages from what was recorded; the expected one comes out as it was before the run. */
export function writeRpsPlots(host: Host, files: TaskFiles, run: RunInfo, timeline: Timeline): string[] {
  return paceOf(run.schedule) === null ? [] : write(host, files, run, [null, firstAttempts(timeline)]);
}

function write(host: Host, files: TaskFiles, run: RunInfo, sent: (Float64Array | null)[]): string[] {
  const expectedMs = expectedArrivals(run.schedule);
  if (expectedMs === null) return [];
  const template = readFileSync(join(host.packageRoot, 'dist/web/rps.html'), 'utf8');
  makeModelFolder(files.folder);
  return sent.flatMap((sentMs) => {
    const report = rpsReport(template, run, { expectedMs, sentMs });
    if (report === null) return [];
    writeWhole(files.path(report.ending), report.content);
    return [files.path(report.ending)];
  });
}

/** From the recorded options and seed, as every worker had them. */
function expectedArrivals(spec: RunInfo['schedule']): Float64Array | null {
  if (paceOf(spec) === null || spec.kind === 'timestamps') return null;
  const schedule = createSchedule(spec);
  return schedule.paced
    ? Float64Array.from({ length: schedule.requests }, (_, i) => schedule.dueAt(i))
    : Float64Array.from({ length: schedule.limit }, (_, slot) => schedule.slotOpensAt(slot));
}

function firstAttempts({ sentMs, attempt }: Timeline): Float64Array {
  return sentMs.filter((_, i) => attempt[i] === 0);
}
