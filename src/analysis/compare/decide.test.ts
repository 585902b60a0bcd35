import { describe, expect, it } from 'vitest';
import { findingOf, gateResults, holm, type Margin, runsToDecide } from './decide.ts';

const throughput: Margin = { direction: 'higher', share: 0.03 };
const latency: Margin = { direction: 'lower', share: 0.1 };
const level: Margin = { direction: 'neither', share: 0.03 };
const of = (ratio: number, low: number, high: number, pValue = low > 1 || high < 1 ? 0.005 : 0.5) => ({
  ratio,
  low,
  high,
  pValue,
});

describe('findingOf', () => {
  it.each([
    ['a loss beyond the margin and beyond doubt', of(0.95, 0.93, 0.97), throughput, 'worse'],
    ['the same of a latency', of(0.95, 0.93, 0.97), latency, 'no change'],
    ['a latency that rose', of(1.2, 1.1, 1.3), latency, 'worse'],
    ['a latency that fell', of(0.8, 0.7, 0.9), latency, 'better'],
    ['a gain', of(1.05, 1.01, 1.09), throughput, 'better'],
    ['a significant loss that does not matter', of(0.99, 0.985, 0.995), throughput, 'no change'],
    ['a loss that may be none', of(0.95, 0.89, 1.01), throughput, 'inconclusive'],
    ['a significant loss that may or may not matter', of(0.975, 0.96, 0.99), throughput, 'inconclusive'],
    ['a level', of(1.1, 1.05, 1.15), level, 'changed'],
  ] as const)('%s', (_what, interval, margin, finding) => {
    expect(findingOf(interval, margin)).toBe(finding);
  });
});

describe('gateResults', () => {
  it('passes only what rules the loss out', () => {
    const results = gateResults([
      { interval: of(0.95, 0.93, 0.97), margin: throughput },
      { interval: of(1.0, 0.98, 1.02), margin: throughput },
      // No gain either way matters to a gate.
      { interval: of(1.02, 0.98, 1.06), margin: throughput },
      { interval: of(1.0, 0.96, 1.04), margin: throughput },
      null,
    ]);
    expect(results).toEqual(['regression', 'ok', 'ok', 'undecided', 'undecided']);
  });

  it('asks more of each figure the more it looks at', () => {
    const loss = { interval: of(0.95, 0.93, 0.999, 0.03), margin: throughput };
    const same = { interval: of(1, 0.98, 1.02), margin: throughput };
    expect(gateResults([loss])).toEqual(['regression']);
    expect(gateResults([loss, same])).toEqual(['undecided', 'ok']);
  });
});

it('holm, worked by hand', () => {
  expect(holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06]);
});

describe('runsToDecide', () => {
  const about = { basis: 'both sides', runs: 5, degreesOfFreedom: 8 } as const;

  it('narrows the interval to the distance from the nearer edge of the margin, or from no change', () => {
    const equal = runsToDecide({ ...about, logRatio: 0, standardError: 0.03 }, throughput);
    const lost = runsToDecide({ ...about, logRatio: Math.log(0.94), standardError: 0.03 }, throughput);
    const nearEdge = runsToDecide({ ...about, logRatio: Math.log(0.975), standardError: 0.03 }, throughput);
    // ln 1.03 = 0.02956: 2.021 · 0.03 · √(5/21) = 0.02958, 2.018 · 0.03 · √(5/22) = 0.0289. ln 0.94 = −0.0619.
    expect([equal, lost]).toEqual([22, 6]);
    expect(nearEdge).toBeGreaterThan(600);
  });
});
