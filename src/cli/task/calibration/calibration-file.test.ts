import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Calibration,
  calibrationPath,
  quoteFor,
  readCalibrations,
  saveCalibration,
} from './calibration-file.ts';
import type { CalibrationRow } from './calibration-run.ts';

const host = { node: 'v20.20.2', platform: 'linux x64', cpu: 'c', cores: 2, memoryBytes: 8e9 };
const row = (streams: number, p99Ms: number) =>
  ({ streams, tokensPerS: 50, p50Ms: 0.1, p99Ms, maxMs: 9 }) as CalibrationRow;
const calibration = (more: Partial<Calibration> = {}): Calibration => ({
  host,
  calibratedAt: '2026-01-02T03:04:05.000Z',
  rows: [row(500, 0.5), row(2000, 2), row(125, 0.1)],
  ...more,
});

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'calibration-'));
  path = calibrationPath({ XDG_CONFIG_HOME: dir });
});
afterEach(() => rmSync(dir, { recursive: true }));

it('lies where the user keeps configuration', () => {
  expect(path).toBe(join(dir, 'ais-bench/calibration.json'));
  expect(calibrationPath({ HOME: '/home/u', XDG_CONFIG_HOME: '' })).toBe(
    '/home/u/.config/ais-bench/calibration.json',
  );
});

it('keeps one calibration for each host', () => {
  const other = calibration({ host: { ...host, cores: 64 } });
  for (const c of [calibration(), other, calibration({ rows: [row(7, 7)] })]) saveCalibration(path, c);
  const kept = readCalibrations(path);
  expect(kept.map((c) => [c.host.cores, c.rows.length])).toEqual([
    [64, 3],
    [2, 1],
  ]);
});

it('does without a file, and without a damaged one', () => {
  expect(readCalibrations(path)).toEqual([]);
  saveCalibration(path, calibration());
  for (const text of ['{', '{"format": 2, "calibrations": []}', 'null']) {
    writeFileSync(path, text);
    expect(readCalibrations(path)).toEqual([]);
  }
});

describe('quoteFor', () => {
  it.each([
    [100, 125],
    [125, 125],
    [501, 2000],
    [9000, 2000],
  ])('a run of %i quotes the row of %i', (batchSize, streams) => {
    expect(quoteFor([calibration()], { host, batchSize })).toMatchObject({ streams });
  });

  it('quotes no other host and no other node', () => {
    for (const other of [
      { ...host, node: 'v22.0.0' },
      { ...host, cpu: 'd' },
    ])
      expect(quoteFor([calibration()], { host: other, batchSize: 1 })).toBeNull();
    expect(quoteFor([calibration({ rows: [] })], { host, batchSize: 1 })).toBeNull();
  });
});
