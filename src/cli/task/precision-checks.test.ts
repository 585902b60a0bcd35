import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Seen } from '../../analysis/steady/until-precise.ts';
import type { LoadRun } from '../../load/pool.ts';
import { followPrecision, type PrecisionRun } from './precision-checks.ts';

const TARGETS = { targets: [{ metric: 'throughput', percent: 5 }], maxTimeMs: 400_000 };

/** What a look sees of a throughput of 100 that is known to so many percent. */
function seenAt(percent: number): Seen {
  const figure: Seen['figures'][number] = {
    name: 'Output Token Throughput',
    stat: 'Mean',
    unit: 'tokens/s',
    value: 100,
    low: 100 - percent,
    high: 100 + percent,
    atLeast: false,
    refused: '',
    n: null,
    effectiveN: null,
    document: null,
  };
  return { waves: 50, noWindow: '', figures: [figure], drifts: [] };
}

/** A thread of this source stands in for one that reads a journal. */
const threadOf = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
const answering = (seen: Seen) =>
  threadOf(
    `import { parentPort } from 'node:worker_threads'; parentPort.postMessage(${JSON.stringify(seen)});`,
  );

describe('a run that is followed until it is precise', () => {
  const failed = vi.fn();
  const live = { elapsedMs: 0, phase: 'running' };
  const load = { live: () => live, endMeasuring: vi.fn() };
  let followed: PrecisionRun | undefined;

  function follow(url: URL): PrecisionRun {
    followed = followPrecision(load as unknown as LoadRun, TARGETS, {
      journal: 'journal',
      workerUrl: url,
      failed,
    });
    return followed;
  }

  /** The run has come this far, and is asked about. */
  function reach(elapsedMs: number, phase = 'running'): void {
    Object.assign(live, { elapsedMs, phase });
    vi.advanceTimersByTime(250);
  }

  /** Threads answer in real time. */
  const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: 60_000 });

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    vi.clearAllMocks();
  });
  afterEach(() => {
    followed?.stop();
    vi.useRealTimers();
  });

  it('looks when a look is due, and ends the measurement at the second good one', async () => {
    const { rule, line, end } = follow(answering(seenAt(3)));
    reach(59_000);
    expect(line()).toBe('first precision check at 60 s');
    reach(60_000);
    await until(() => rule.last !== null);
    expect(rule.last).toMatchObject({ atMs: 60_000, decision: 'go on' });
    expect(line()).toContain('throughput ± 3.00 % (wanted 5 %)');
    reach(89_000);
    expect(load.endMeasuring).not.toHaveBeenCalled();
    reach(90_000);
    await until(() => load.endMeasuring.mock.calls.length > 0);
    reach(200_000);
    expect(load.endMeasuring).toHaveBeenCalledTimes(1);
    expect(end(false)).toMatchObject({ reached: true, looks: 2 });
  });

  it('goes on while the figure is not known well enough', async () => {
    const { rule, end } = follow(answering(seenAt(8)));
    for (const atMs of [60_000, 90_000, 135_000]) {
      reach(atMs);
      await until(() => rule.last?.atMs === atMs);
    }
    expect(load.endMeasuring).not.toHaveBeenCalled();
    expect(end(false)).toMatchObject({ reached: false, looks: 3 });
  });

  it('does not look before the run has begun, nor when it drains', async () => {
    const { rule } = follow(answering(seenAt(3)));
    reach(60_000, 'warm-up');
    reach(60_001, 'draining');
    reach(61_000);
    await until(() => rule.last !== null);
    expect(rule.last?.atMs).toBe(61_000);
  });

  it('tells of a look that failed, and lets the run go on without further ones', async () => {
    const { end } = follow(threadOf("throw new Error('no such journal');"));
    reach(60_000);
    await until(() => failed.mock.calls.length > 0);
    expect(failed.mock.calls[0][0]).toMatchObject({ message: 'no such journal' });
    reach(400_000);
    expect(failed).toHaveBeenCalledTimes(1);
    expect(load.endMeasuring).not.toHaveBeenCalled();
    expect(end(false)).toMatchObject({ reached: false, looks: 0 });
  });
});
