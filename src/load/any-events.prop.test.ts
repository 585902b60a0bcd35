/** Whatever a service sends, comparing events with known shapes records what parsing each of them records. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { type ProtocolName, protocols } from '../protocols/registry.ts';
import { anyBody, anyPlaces, ordinaryPayloads } from './any-events.fixture.ts';
import { createReadBuffer } from './read-buffer.ts';
import { inChunks, recorded, recordedResponse } from './recorded.fixture.ts';

const RUNS = Number(process.env.AIS_BENCH_FUZZ_RUNS ?? 250);
const buffer = createReadBuffer();

describe.each(Object.keys(protocols) as ProtocolName[])('%s', (name) => {
  const protocol = protocols[name];
  const base = ordinaryPayloads(protocol);

  it('is recorded as by parsing, whatever its events and however they come', {
    timeout: 60_000 + RUNS * 20,
  }, () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const draw = seededRandom(seed, name).next;
        const events = anyBody(base, draw);
        const body = Buffer.concat(events);
        const cuts = anyPlaces(draw, 4, body.length);
        const truth = recorded(protocol, body, cuts, true);
        for (const repeat of [1, 2]) expect(recorded(protocol, body, cuts, false, repeat)).toEqual(truth);
        const response = inChunks(body, chunkEnds(events));
        const reads = anyPlaces(draw, 3, response.length);
        const whole = recordedResponse(protocol, response, reads, true, buffer);
        for (const repeat of [1, 2])
          expect(recordedResponse(protocol, response, reads, false, buffer, repeat)).toEqual(whole);
      }),
      { numRuns: RUNS },
    );
  });
});

function chunkEnds(events: readonly Buffer[]): number[] {
  let at = 0;
  return events.map((event) => {
    at += event.length;
    return at;
  });
}
