/** Whatever a service sends, comparing events with known shapes records what parsing each of them records. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProtocolName, protocols } from '../../protocols/registry.ts';
import { firstDifference } from './scan-or-parse.fixture.ts';

const RUNS = Number(process.env.AIS_BENCH_FUZZ_RUNS ?? 250);

describe.each(Object.keys(protocols) as ProtocolName[])('%s', (name) => {
  it('is recorded as by parsing, whatever its events and however they come', {
    timeout: 60_000 + RUNS * 20,
  }, () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(firstDifference(name, seed)).toBeNull();
      }),
      { numRuns: RUNS },
    );
  });
});
