import { describe, expect, it } from 'vitest';
import { batchingRun, lengthLaws } from '../../../../tools/oracles/virtual-run.ts';
import { seededRandom } from '../../../core/random.ts';
import { definitions } from '../../definitions.ts';
import { readRequests } from '../../request-table.ts';
import { steadySummary } from '../steady-summary.ts';

const CYCLE_MS = 500;

/** 16 slots, 60 request cycles, so many requests a pass over the data. */
function summaryOf(profile: 'default' | 'mlperf', speed: (ms: number) => number, samples = 60) {
  const server = { slots: 16, lengths: lengthLaws.uniform(50), requests: 16 * 60, speed };
  const run = batchingRun(server, seededRandom(1, 'mlperf'));
  const recorded = { ...run, info: { ...run.info, samples } };
  return steadySummary(recorded, readRequests(recorded, definitions.product), profile);
}

const even = () => 1;
const found = (checks: ReturnType<typeof summaryOf>['checks'], name: string) =>
  checks.find((check) => check.name === name)!;

describe('profile mlperf', () => {
  it('adds to the checks of the default profile and changes none but the length', () => {
    const [ours, theirs] = [summaryOf('default', even), summaryOf('mlperf', even)];
    expect(ours.checks).toHaveLength(22);
    const others = (checks: typeof ours.checks) =>
      checks.filter(({ number }) => number <= 22 && number !== 4);
    expect(others(theirs.checks)).toEqual(others(ours.checks));
    expect({ ...theirs, checks: [], verdict: null }).toEqual({ ...ours, checks: [], verdict: null });
    expect(theirs.checks.slice(22).map(({ number, name, result }) => [number, name, result])).toEqual([
      [23, 'mlperf_drift', 'ok'],
      [24, 'mlperf_shift', 'ok'],
      [25, 'early_stopping', 'ok'],
    ]);
    expect(found(theirs.checks, 'wall_clock')).toMatchObject({
      result: 'reservation',
      threshold: '600 s (the floor)',
    });
  });

  it('fails a service that slows down, and flags one that steps', () => {
    const length = 60 * CYCLE_MS;
    const drifting = summaryOf('mlperf', (ms) => 1 - 0.2 * (ms / length)).checks;
    expect(found(drifting, 'mlperf_drift').result).toBe('failed');
    const stepping = summaryOf('mlperf', (ms) => (ms < 0.6 * length ? 1 : 0.8)).checks;
    expect(found(stepping, 'mlperf_shift')).toMatchObject({ result: 'reservation' });
    expect(found(stepping, 'mlperf_shift').found).toMatch(
      /most likely shift 2\d\.\d % after super-pass \d+ of 1\d/,
    );
  });

  it('has a reservation about fewer than four passes over the data', () => {
    const { checks, verdict } = summaryOf('mlperf', even, 300);
    expect(found(checks, 'mlperf_drift')).toMatchObject({
      result: 'reservation',
      found: expect.stringMatching(/^the window contains [23] super-passes of 300 requests/),
    });
    expect(verdict.throughput).toBe('steady with reservations');
  });

  it("prints LoadGen's estimate beside the one for requests that are alike", () => {
    const line = found(summaryOf('mlperf', even).checks, 'early_stopping').found;
    expect(line).toMatch(
      /^at 99 % confidence: TTFT P90 ≤ \d+\.\d ms \(.*\), P99 ≤ \d+\.\d ms \(.*\); TPOT .*; E2EL /,
    );
  });
});
