import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunInfo } from '../core/run.ts';
import { DATA_PLACEHOLDER } from './page.ts';
import { paceOf, rpsReport } from './rps-plot.ts';
import { decodeTimes, encodeTimes } from './rps-times.ts';

const info = {
  tool: { name: 'ais_bench', version: '1' },
  modelAbbr: 'model',
  datasetAbbr: 'demo',
  model: 'm',
  url: 'https://me:secret@host:1/base/?key=secret',
  batchSize: 4,
  startedAtUnixMs: 17,
  schedule: { kind: 'rate', requests: 3, limit: 4, requestsPerS: 10, burstiness: 0, seed: 1 },
} as RunInfo;
const expectedMs = Float64Array.of(100, 200, 300.000_123);

describe('the page of the request rate', () => {
  it('holds the plan before the run, and both afterwards, under the names of the original', () => {
    const plan = rpsReport(DATA_PLACEHOLDER, info, { expectedMs, sentMs: null })!;
    expect(plan.ending).toBe('_rps_distribution_plot.html');
    const data = JSON.parse(String(plan.content));
    expect(data).toMatchObject({ targetRps: 10, arriving: 'requests', startedAtUnixMs: null, actual: null });
    const times = decodeTimes(inflateRawSync(Buffer.from(data.expected.times, 'base64')), 3);
    expect([...times]).toEqual([0.1, 0.2, 0.300_000_123]);
    const both = rpsReport(DATA_PLACEHOLDER, info, { expectedMs, sentMs: expectedMs })!;
    expect(both.ending).toBe('_rps_distribution_plot_with_actual_rps.html');
    expect(JSON.parse(String(both.content)).actual.count).toBe(3);
    expect(both.content).not.toContain('secret');
  });

  it('does not depend on when the run started, so that it can be written again', () => {
    const [first, later] = [1, 2].map((startedAtUnixMs) =>
      rpsReport(DATA_PLACEHOLDER, { ...info, startedAtUnixMs }, { expectedMs, sentMs: null }),
    );
    expect(later).toEqual(first);
  });

  it('exists only for runs that have a pace of their own', () => {
    const pressure = { kind: 'pressure', limit: 4, durationMs: 1 } as const;
    const ramp = { strategy: 'linear', startRps: 1, endRps: 2 } as const;
    expect(paceOf({ kind: 'closed', requests: 3, limit: 4 })).toBeNull();
    expect(paceOf({ kind: 'timestamps', requests: 3, limit: 4 })).toBeNull();
    expect(paceOf({ ...pressure, clientsPerS: 0 })).toBeNull();
    expect(paceOf({ ...pressure, clientsPerS: 5 })).toMatchObject({ arriving: 'clients', targetRps: 5 });
    expect(paceOf({ ...pressure, clientsPerS: 0, traffic: { burstiness: 0, ramp } })).toMatchObject({ ramp });
  });
});

it('packed times come back exact to 1 ns', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9e13 }), { maxLength: 50 }), (list) => {
      const ns = list.sort((a, b) => a - b);
      const back = decodeTimes(encodeTimes(Float64Array.from(ns, (n) => n / 1e6)), ns.length);
      expect([...back].map((s) => Math.round(s * 1e9))).toEqual(ns);
    }),
  );
  expect(() => decodeTimes(new Uint8Array([200]), 1)).toThrow(RangeError);
});
