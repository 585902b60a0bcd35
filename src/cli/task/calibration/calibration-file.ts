/** What `ais_bench calibrate --save` keeps in the user's home, and what later reports quote of it. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CalibrationQuote } from '../../../core/health.ts';
import type { RunInfo } from '../../../core/run.ts';
import { makePath, readWhole } from '../../../store/own-files.ts';
import { writeWhole } from '../../host/write-whole.ts';
import type { CalibrationRow } from './calibration-run.ts';

export interface Calibration {
  host: RunInfo['host'];
  /** ISO 8601, UTC. */
  calibratedAt: string;
  rows: CalibrationRow[];
}

interface CalibrationFile {
  format: 1;
  /** At most one for each host: a home may be shared by several. */
  calibrations: Calibration[];
}

export function calibrationPath(env: Record<string, string | undefined>): string {
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return join(config, 'ais-bench/calibration.json');
}

/** None when there is no file or it is not ours. */
export function readCalibrations(path: string): Calibration[] {
  try {
    const file = JSON.parse(readWhole(path).toString('utf8')) as CalibrationFile;
    return file.format === 1 && Array.isArray(file.calibrations) ? file.calibrations : [];
  } catch {
    return [];
  }
}

/** Replaces what is kept of the same host. */
export function saveCalibration(path: string, calibration: Calibration): void {
  const others = readCalibrations(path).filter((c) => !isSameHost(c.host, calibration.host));
  const file: CalibrationFile = { format: 1, calibrations: [...others, calibration] };
  makePath(dirname(path));
  writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * The row with the fewest streams that are as many as the run's, else the one with the most; null when the
 * run's host was not calibrated under the same version of Node.
 */
export function quoteFor(
  calibrations: readonly Calibration[],
  { host, batchSize }: Pick<RunInfo, 'host' | 'batchSize'>,
): CalibrationQuote | null {
  const found = calibrations.find((c) => isSameHost(c.host, host));
  const rows = [...(found?.rows ?? [])].sort((a, b) => a.streams - b.streams);
  const row = rows.find((r) => r.streams >= batchSize) ?? rows.at(-1);
  if (found === undefined || row === undefined) return null;
  const { streams, tokensPerS, p50Ms, p99Ms, maxMs } = row;
  return { streams, tokensPerS, p50Ms, p99Ms, maxMs, calibratedAt: found.calibratedAt };
}

function isSameHost(a: RunInfo['host'], b: RunInfo['host']): boolean {
  return (['node', 'platform', 'cpu', 'cores', 'memoryBytes'] as const).every((key) => a[key] === b[key]);
}
