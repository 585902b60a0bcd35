import { describe, expect, it } from 'vitest';
import { batchingRate, batchingRun, lengthLaws } from '../../../tools/oracles/virtual-run.ts';
import { seededRandom } from '../../core/random.ts';
import { type SummarizeOptions, summarize } from '../summarize.ts';

const options: SummarizeOptions = {
  summarizer: '',
  window: 'stable_stage',
  rule: 'automatic',
  definitions: 'product',
  profile: 'default',
  statsList: ['Average'],
};

function runOfWaves(waves: number) {
  const server = { slots: 16, lengths: lengthLaws.uniform(50), requests: 16 * waves };
  return batchingRun(server, seededRandom(1, `stage rule ${waves}`));
}

describe('the automatic rule', () => {
  it("prints the document's tables for the plateau's window", () => {
    const summary = summarize(runOfWaves(30), options);
    const { startMs, endMs } = summary.steady!.window!;
    expect(summary).toMatchObject({ stage: 'stable', rule: 'automatic', window: { startMs, endMs } });
    const output = summary.common.find(({ name }) => name === 'Output Token Throughput')!.value;
    expect(Math.abs(output / batchingRate(16, 50) - 1)).toBeLessThan(0.05);
    expect(summary.steady!.rates[0].document).not.toBeNull();
    expect(summary.steady!.why).toMatch(/steady window|agrees/);
  });

  it('says why there is no plateau, and falls back to the whole run', () => {
    const summary = summarize(runOfWaves(2), options);
    expect(summary).toMatchObject({ stage: 'total', noWindow: { reason: summary.steady!.noWindow } });
    expect(summary.window).not.toBeNull();
  });
});

describe('the profile', () => {
  it.each([
    ['default', '60 s'],
    ['mlperf', '600 s'],
  ] as const)('%s asks for %s', (profile, threshold) => {
    const { checks } = summarize(runOfWaves(30), { ...options, profile }).steady!;
    expect(checks.find(({ name }) => name === 'wall_clock')).toMatchObject({
      threshold: expect.stringContaining(threshold),
      result: 'reservation',
    });
  });
});
