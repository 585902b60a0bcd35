/** `ais_bench calibrate`: what this host adds to a stamp, and up to how many streams it can be trusted. */

import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { formatMs, formatPercent } from '../../core/text/format-numbers.ts';
import { hostLimits } from '../../load/health/machine.ts';
import { workerCount } from '../../plan/plan-task.ts';
import { fancyGrid } from '../../reporters/fancy-grid.ts';
import type { Host } from '../host/host.ts';
import { thisHost } from '../host/this-host.ts';
import { calibrationPath, saveCalibration } from '../task/calibration/calibration-file.ts';
import {
  type CalibrationLoad,
  type CalibrationRow,
  isQuiet,
  measureStamps,
  QUIET_LATE_MS,
  SERVICE_KEPT,
} from '../task/calibration/calibration-run.ts';
import { checkLimits, RESERVED_FILES } from '../task/limits.ts';
import { type HighestCount, highestBelow, searchStreams } from './calibration-search.ts';
import { parseSubcommand, wholeNumber } from './subcommand.ts';

interface Flags {
  concurrency: number;
  tokensPerS: number;
  seconds: number;
  workers: number;
  search: boolean;
  save: boolean;
}

/** The limits under which a count of streams is sought: a fiftieth and a tenth of a common gap between tokens. */
const LIMITS_MS = [1, 5];
const SEARCH_FIRST = 125;
const SEARCH_MOST = 16_000;
const SEARCH_SECONDS = 2;
/** Everything is over in a minute: no measurement starts after this. */
const LAST_START_MS = 48_000;
/** Something else ran meanwhile: once more. */
const ATTEMPTS = 2;

export async function calibrateCommand(host: Host, args: readonly string[]): Promise<ExitCode> {
  const command = calibrateFlags();
  const { help } = parseSubcommand(command, args);
  if (help !== null) {
    host.stdout.write(help);
    return EXIT.ok;
  }
  const flags = command.opts<Flags>();
  const limits = hostLimits();
  checkLimits(flags.concurrency, '--concurrency', limits);
  const startedMs = performance.now();
  const hasTime = () => performance.now() - startedMs < LAST_START_MS;
  const measure = (streams: number, seconds: number) => {
    const workers = workerCount(flags.workers, streams, availableParallelism());
    return quietest(host, { streams, tokensPerS: flags.tokensPerS, seconds, workers }, hasTime);
  };
  const planned = await measure(flags.concurrency, flags.seconds);
  const searched = flags.search
    ? await searchStreams({
        first: SEARCH_FIRST,
        most: Math.min(SEARCH_MOST, (limits.openFiles ?? SEARCH_MOST) - RESERVED_FILES),
        limitsMs: LIMITS_MS,
        measure: (streams) => measure(streams, SEARCH_SECONDS),
        hasTime,
      })
    : [];
  host.stdout.write(`${report(planned, searched)}\n`);
  return flags.save ? save(host, [planned, ...searched]) : EXIT.ok;
}

/** Other work on the machine delays both sides. How late the service's own timers were decides which attempt counts, never the result. */
async function quietest(host: Host, load: CalibrationLoad, hasTime: () => boolean): Promise<CalibrationRow> {
  let best: CalibrationRow | null = null;
  for (let attempt = 0; best === null || (attempt < ATTEMPTS && !isQuiet(best) && hasTime()); attempt++) {
    host.stderr.write(`Measuring ${load.streams} streams of ${load.tokensPerS} tokens/s ...\n`);
    const row = await measureStamps(host, load);
    if (best === null || row.service.meanLateMs < best.service.meanLateMs) best = row;
  }
  return best;
}

/** What was measured on a noisy machine is not kept: a report would quote it as the client's. */
function save(host: Host, rows: readonly CalibrationRow[]): ExitCode {
  const kept = rows.filter(isQuiet);
  if (kept.length === 0) {
    host.stdout.write('Not saved: the machine was too busy, or the built-in service was the limit.\n');
    return EXIT.failed;
  }
  const path = calibrationPath(host.env);
  saveCalibration(path, { host: thisHost(), calibratedAt: host.date().toISOString(), rows: kept });
  host.stdout.write(`Saved in ${path}; reports of runs on this machine quote it.\n`);
  return EXIT.ok;
}

function calibrateFlags(): Command {
  return new Command('ais_bench calibrate')
    .description(
      'Runs the simulated service on this host, compares its own timestamps with those measured here, and prints the error that this host adds. Takes less than a minute.',
    )
    .option('--concurrency <n>', 'planned number of streams', wholeNumber(1, 100_000), 500)
    .option('--tokens-per-s <r>', 'planned tokens per second of each stream', wholeNumber(1, 1000), 50)
    .option('--seconds <s>', 'seconds to measure the planned load', wholeNumber(1, 30), 8)
    .option('--workers <n>', 'number of sending threads; 0: automatic', wholeNumber(0, 1024), 0)
    .option('--no-search', 'measure only the planned load; do not search for the highest number of streams')
    .option('--save', 'save the result for later reports', false);
}

function report(planned: CalibrationRow, searched: readonly CalibrationRow[]): string {
  const rows = [...searched, planned].sort((a, b) => a.streams - b.streams);
  const table = fancyGrid(
    [
      'Streams',
      'Tokens/s each',
      'Stamp error P50',
      'P99',
      'Max',
      'Own estimate P99',
      'Core used',
      'Events/s per core',
      'Service late: mean, max',
      'Rate kept',
    ],
    rows.map((row) => [
      row === planned ? `${row.streams} (planned)` : String(row.streams),
      String(row.tokensPerS),
      formatMs(row.p50Ms),
      formatMs(row.p99Ms),
      formatMs(row.maxMs),
      formatMs(row.ownP99Ms),
      formatPercent(row.cpuShare),
      Math.round(row.eventsPerCpuS).toLocaleString('en-US'),
      `${formatMs(row.service.meanLateMs)}, ${formatMs(row.service.maxLateMs)}`,
      formatPercent(row.service.kept),
    ]),
  );
  return [
    table,
    `At the planned load this host adds ${formatMs(planned.p99Ms)} P99 to a timestamp (P50 ${formatMs(planned.p50Ms)}, max ${formatMs(planned.maxMs)}).`,
    ...(searched.length > 0
      ? LIMITS_MS.map((limitMs) => highestLine(highestBelow(searched, limitMs), planned.tokensPerS))
      : []),
    ...noiseLines(planned, searched),
  ].join('\n');
}

function highestLine({ limitMs, streams, failedAt }: HighestCount, tokensPerS: number): string {
  const what = `P99 error below ${limitMs} ms at ${tokensPerS} tokens/s`;
  if (streams === 0) return `${what}: not even with ${failedAt} streams.`;
  if (failedAt === null) {
    return `${what}: at least ${streams} streams (the built-in service or the time limit prevented measuring more).`;
  }
  return `${what}: up to ${streams} streams (not with ${failedAt}).`;
}

/** The service runs on the same cores: what it says of itself tells a noisy machine from a slow client. */
function noiseLines(planned: CalibrationRow, searched: readonly CalibrationRow[]): string[] {
  const lines: string[] = [];
  if (planned.service.kept < SERVICE_KEPT) {
    lines.push(
      `The built-in service kept only ${formatPercent(planned.service.kept)} of the planned rate: it, not the client, was the limit. Lower --concurrency or --tokens-per-s.`,
    );
  }
  const rows = [planned, ...searched];
  const noisy = rows.filter((row) => row.service.meanLateMs > QUIET_LATE_MS);
  if (noisy.length > 0) {
    lines.push(
      `The machine was busy in ${noisy.length} of ${rows.length} measurements: the service's own timers were more than ${QUIET_LATE_MS} ms late on average (0.1 to 0.2 ms on an idle machine). Calibrate again when the machine is idle.`,
    );
  }
  return lines;
}
