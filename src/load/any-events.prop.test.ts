/** Whatever a service sends, comparing events with known shapes records what parsing each of them records. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { type ProtocolName, protocols } from '../protocols/registry.ts';
import {
  anyBodies,
  anyPlaces,
  type Draw,
  type Events,
  endsOf,
  ordinaryPayloads,
} from './any-events.fixture.ts';
import { createReadBuffer } from './read-buffer.ts';
import { inChunks, recordedInTurn, recordedResponse } from './recorded.fixture.ts';

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
        const bodies = anyBodies(base, draw);
        const streams = bodies.map((events) => streamOf(events, draw));
        expect(recordedInTurn(protocol, streams, false)).toEqual(recordedInTurn(protocol, streams, true));
        const response = inChunks(streams[1].bytes, endsOf(bodies[1]));
        const reads = anyPlaces(draw, 3, response.length);
        const whole = recordedResponse(protocol, response, reads, true, buffer);
        expect(recordedResponse(protocol, response, reads, false, buffer, 2)).toEqual(whole);
      }),
      { numRuns: RUNS },
    );
  });
});

/** A body that comes event by event, or cut anywhere. */
function streamOf(events: Events, draw: Draw) {
  const bytes = Buffer.concat(events);
  return { bytes, cuts: draw() < 0.7 ? endsOf(events).slice(0, -1) : anyPlaces(draw, 4, bytes.length) };
}
