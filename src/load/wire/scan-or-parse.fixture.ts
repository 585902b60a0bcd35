/** Holds scanning events against parsing each of them. */
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '../../core/random.ts';
import { type ProtocolName, protocols } from '../../protocols/registry.ts';
import {
  anyBodies,
  anyPlaces,
  type Draw,
  type Events,
  endsOf,
  ordinaryPayloads,
} from './any-events.fixture.ts';
import { inChunks, recordedInTurn, recordedResponse } from './recorded.fixture.ts';
import { createReadBuffer } from './shapes/read-buffer.ts';

const buffer = createReadBuffer();

/** Where scanning the events of `seed` records anything else than parsing them, by bodies and by response; null: nowhere. */
export function firstDifference(name: ProtocolName, seed: number): string | null {
  const protocol = protocols[name];
  const draw = seededRandom(seed, name).next;
  const bodies = anyBodies(ordinaryPayloads(protocol), draw);
  const streams = bodies.map((events) => streamOf(events, draw));
  const scanned = recordedInTurn(protocol, streams, false);
  const parsed = recordedInTurn(protocol, streams, true);
  if (!isDeepStrictEqual(scanned, parsed)) return differs('bodies', scanned, parsed);
  const response = inChunks(streams[1].bytes, endsOf(bodies[1]));
  const reads = anyPlaces(draw, 3, response.length);
  const scannedWhole = recordedResponse(protocol, response, reads, false, buffer, 2);
  const parsedWhole = recordedResponse(protocol, response, reads, true, buffer);
  return isDeepStrictEqual(scannedWhole, parsedWhole) ? null : differs('response', scannedWhole, parsedWhole);
}

/** A body that comes event by event, or cut anywhere. */
function streamOf(events: Events, draw: Draw) {
  const bytes = Buffer.concat(events);
  return { bytes, cuts: draw() < 0.7 ? endsOf(events).slice(0, -1) : anyPlaces(draw, 4, bytes.length) };
}

function differs(what: string, scanned: object, parsed: object): string {
  return `${what}: scanned ${JSON.stringify(scanned)}, parsed ${JSON.stringify(parsed)}`;
}
