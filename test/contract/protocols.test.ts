/** What every wire dialect must do, whichever it is. The recorded streams keep its two halves from sharing a mistake. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createParser } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import type { Delta, Sample, Target } from '../../src/core/protocol.ts';
import { type ProtocolName, protocols } from '../../src/protocols/registry.ts';

const fixtures = join(import.meta.dirname, '../fixtures/protocols');
const response = { id: 'sim-7', model: 'some/model', createdUnixS: 1_750_000_000 };
const target: Target = {
  protocol: '',
  url: 'http://localhost:8080/',
  model: 'some/model',
  stream: true,
  maxOutTokens: 512,
  generation: { temperature: 0.5, seed: null, top_p: undefined, ignore_eos: true },
  apiKey: 'key-1',
};
const turns: Sample = {
  id: 'turns',
  prompt: [
    { role: 'SYSTEM', content: 'Be brief.' },
    { role: 'HUMAN', content: 'Zwölf Äpfel 🍎?' },
    { role: 'BOT', content: 'Twelve.' },
    { role: 'user', content: '"And" \n now?' },
  ],
  answer: 'THE-REFERENCE-ANSWER',
};
const text: Sample = { id: 'text', prompt: 'How many {apples}?', answer: 'THE-REFERENCE-ANSWER' };

/** The payloads of a stream's `data:` lines, read by a parser that is not ours. */
function payloadsOf(bytes: string): string[] {
  const payloads: string[] = [];
  createParser({ onEvent: (event) => payloads.push(event.data) }).feed(bytes);
  return payloads;
}

function recordedStreams(name: string): { title: string; payloads: string[]; expected: Delta[] }[] {
  const folder = join(fixtures, name);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sse'))
    .map((file) => ({
      title: file,
      payloads: payloadsOf(readFileSync(join(folder, file), 'utf8')),
      expected: JSON.parse(readFileSync(join(folder, file.replace(/\.sse$/, '.json')), 'utf8')),
    }));
}

describe.each(Object.keys(protocols) as ProtocolName[])('%s', (name) => {
  const protocol = protocols[name];

  describe('request', () => {
    it.each([text, turns])('is understood by its own service side: $id', (sample) => {
      const call = protocol.encode(sample, target);
      const seen = protocol.accept(call.path, call.body);
      const prompt =
        typeof sample.prompt === 'string' ? sample.prompt : sample.prompt.map((t) => t.content).join('\n');
      expect(seen).toEqual({
        model: 'some/model',
        prompt,
        stream: true,
        maxTokens: 512,
        ignoreEos: true,
        includeUsage: true,
        seed: undefined,
      });
    });

    it('goes where the service listens, as JSON', () => {
      const call = protocol.encode(text, target);
      expect(call).toMatchObject({ method: 'POST', path: protocol.path(target) });
      expect(call.path).not.toMatch(/^\//);
      expect(call.headers).toMatchObject({
        'content-type': 'application/json',
        authorization: 'Bearer key-1',
      });
      expect(protocol.encode(text, { ...target, apiKey: '' }).headers).not.toHaveProperty('authorization');
    });

    it('keeps the key and the reference answer out of the body', () => {
      expect(protocol.encode(text, target).body).not.toMatch(/key-1|THE-REFERENCE-ANSWER/);
      expect(protocol.encode(turns, target).body).not.toMatch(/key-1|THE-REFERENCE-ANSWER/);
    });

    it('lets a row choose its own length, and nothing else override length and model', () => {
      const generation = { max_tokens: 1, model: 'other', temperature: 0.1 };
      const accept = (sample: Sample) => {
        const call = protocol.encode(sample, { ...target, generation });
        return protocol.accept(call.path, call.body);
      };
      expect(accept(text)).toMatchObject({ maxTokens: 512, model: 'some/model' });
      expect(accept({ ...text, maxOutTokens: 40 })).toMatchObject({ maxTokens: 40 });
      expect(accept({ ...text, maxOutTokens: 0 })).toMatchObject({ maxTokens: 512 });
    });

    it('passes generation options on and leaves unset ones out', () => {
      const body = JSON.parse(protocol.encode(text, target).body);
      expect(body).toMatchObject({ temperature: 0.5, ignore_eos: true });
      expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['seed']));
      expect(body).not.toHaveProperty('top_p');
    });

    it('asks for no stream when the target has none', () => {
      const call = protocol.encode(text, { ...target, stream: false });
      expect(protocol.accept(call.path, call.body)).toMatchObject({ stream: false, includeUsage: false });
      expect(call.body).not.toContain('stream_options');
    });

    it.each(['{', '[]', 'null', '{}', '{"prompt":7,"messages":7}', '{"messages":[]}', '{"messages":["x"]}'])(
      'is refused with a reason when it makes no sense: %s',
      (body) => {
        expect(() => protocol.accept(protocol.path(target), body)).toThrow(/./);
        try {
          protocol.accept(protocol.path(target), body);
        } catch (error) {
          expect(error instanceof TypeError || error instanceof SyntaxError).toBe(true);
        }
      },
    );

    it.each([0, -1, 1.5, '12'])('is refused with a token limit of %j', (limit) => {
      const body = { ...JSON.parse(protocol.encode(text, target).body), max_tokens: limit };
      expect(() => protocol.accept(protocol.path(target), JSON.stringify(body))).toThrow(/max_tokens/);
    });
  });

  describe('answer', () => {
    const spoken: Delta[] = [
      { text: ' twelve' },
      { text: 'a"b\\c\n\u2028 🍎 </script>' },
      { text: ' end', finish: 'length' },
      { finish: 'stop' },
      { usage: { inTokens: 1500, outTokens: 0 } },
      { text: ' both', usage: { inTokens: 3, outTokens: 4 } },
    ];
    it.each(spoken)('comes back from a stream as it was said: %j', (delta) => {
      expect(protocol.decode(protocol.emit(delta, response))).toEqual({ id: 'sim-7', ...delta });
    });

    it('comes back from a whole body as it was said', () => {
      const delta = { text: 'All of it.', finish: 'stop', usage: { inTokens: 9, outTokens: 4 } };
      const { role, ...seen } = protocol.decodeBody(protocol.respond(delta, response));
      expect(seen).toEqual({ id: 'sim-7', ...delta });
    });

    it('shows an error and the end mark', () => {
      expect(protocol.decode(protocol.emit({ error: 'no more' }, response))).toEqual({ error: 'no more' });
      expect(protocol.decodeBody(protocol.respond({ error: 'no more' }, response))).toEqual({
        error: 'no more',
      });
      expect(protocol.decode(protocol.emit({ done: true }, response))).toEqual({ done: true });
    });

    it.each([{ reasoning: 'so ' }, { role: 'assistant', tool: 'add' }, { tool: '{"a":' }])(
      'loses no output, wherever the dialect puts it: %j',
      (delta: Delta) => {
        const { text, reasoning, tool } = protocol.decode(protocol.emit(delta, response));
        expect((reasoning ?? '') + (text ?? '') + (tool ?? '')).toBe(delta.reasoning ?? delta.tool);
      },
    );

    it.each(['{"choices":[{', '', 'data'])('that is no JSON is a SyntaxError: %j', (data) => {
      expect(() => protocol.decode(data)).toThrow(SyntaxError);
      expect(() => protocol.decodeBody(data)).toThrow(SyntaxError);
    });

    it.each([
      'null',
      '7',
      '"x"',
      '[]',
      '{}',
      '{"choices":{}}',
      '{"choices":[null,{"delta":null,"text":null}]}',
      '{"usage":{"prompt_tokens":"7","completion_tokens":null}}',
    ])('of any other shape says nothing: %s', (data) => {
      expect(protocol.decode(data)).toEqual({});
      expect(protocol.decodeBody(data)).toEqual({});
    });
  });

  describe('recorded streams', () => {
    const streams = recordedStreams(name);
    it('exist', () => expect(streams.length).toBeGreaterThan(1));

    it.each(streams)('$title', ({ payloads, expected }) => {
      expect(payloads.map(protocol.decode)).toEqual(expected);
    });

    it.each(streams)('$title: a scan for the output keys finds nothing that parsing does not', (stream) => {
      for (const payload of stream.payloads) {
        const delta = protocol.decode(payload);
        for (const { key, kind } of protocol.outputKeys) {
          const at = payload.indexOf(key);
          if (at >= 0 && payload[at + key.length] !== '"') expect(delta, payload).toHaveProperty(kind);
        }
      }
    });

    it('include one whose every token the scan finds', () => {
      const found = (payload: string) =>
        protocol.outputKeys.some(({ key }) => {
          const at = payload.indexOf(key);
          return at >= 0 && payload[at + key.length] !== '"';
        });
      const tokens = streams.filter((s) => s.title === 'vllm.sse').flatMap((s) => s.payloads);
      const spoken = tokens.filter((payload) => protocol.decode(payload).text !== undefined);
      expect(spoken.length).toBeGreaterThan(3);
      expect(spoken.every(found)).toBe(true);
    });
  });
});
