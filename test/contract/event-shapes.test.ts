/** Events that are only compared must be recorded as parsed ones are, in every dialect. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recorded } from '../../src/load/wire/recorded.fixture.ts';
import { type ProtocolName, protocols } from '../../src/protocols/registry.ts';

const fixtures = join(import.meta.dirname, '../fixtures/protocols');

describe.each(Object.keys(protocols) as ProtocolName[])('%s', (name) => {
  const files = readdirSync(join(fixtures, name)).filter((file) => file.endsWith('.sse'));

  it.each(files)('%s is recorded as by parsing, whole and torn', (file) => {
    const bytes = readFileSync(join(fixtures, name, file));
    const middle = Math.floor(bytes.length / 2);
    for (const cuts of [[], [middle], [1, middle, bytes.length - 1]]) {
      const truth = recorded(protocols[name], bytes, cuts, true);
      expect(recorded(protocols[name], bytes, cuts, false)).toEqual(truth);
      expect(recorded(protocols[name], bytes, cuts, false, 3)).toEqual(truth);
    }
  });

  it('parses nothing of an answer whose like it has seen', () => {
    const texts = Array.from({ length: 40 }, (_, i) => ({ text: ` word${i}\n` }));
    const says = [
      { role: 'assistant' },
      ...texts,
      { finish: 'stop' },
      { usage: { inTokens: 7, outTokens: 40 } },
    ];
    const answer = (id: string) => {
      const response = { id, model: 'm', createdUnixS: 1_750_000_000, text: ` ${id}` };
      const events = [...says, { done: true }].map((delta) => protocols[name].emit(delta, response));
      return events
        .filter((data) => data !== '')
        .map((data) => `data: ${data}\n\n`)
        .join('');
    };
    let decoded = 0;
    const counting = {
      ...protocols[name],
      decode(data: string) {
        decoded++;
        return protocols[name].decode(data);
      },
    };
    const decodedFor = (...ids: string[]) => {
      decoded = 0;
      expect(recorded(counting, Buffer.from(ids.map(answer).join('')), [], false).outputs).toBe(
        40 * ids.length,
      );
      return decoded;
    };
    expect(decodedFor('sim-1', 'sim-22', 'sim-333')).toBe(decodedFor('sim-1'));
  });
});
