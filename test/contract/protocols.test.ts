/** What every wire dialect must do, whichever it is. The recorded streams keep its two halves from sharing a mistake. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createParser } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import type { Delta, Protocol, Sample, Target } from '../../src/core/protocol.ts';
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

/** In what the dialects differ on purpose. */
interface Facts {
  /** Where the request says the model: nowhere, in its body, or in its path. */
  model: boolean;
  /** Its requests can ask for token counts, and do so unless told otherwise. */
  asksUsage: 'always' | 'for streams' | 'if told to' | 'never';
  /** What of an answer it can tell beside the text. */
  tells: { finish: 'always' | 'with counts' | 'never'; usage: 'both' | 'output' | 'none'; id: boolean };
  /** The word for an answer that ended by itself. */
  stop: string;
}
const openai: Facts = {
  model: true,
  asksUsage: 'always',
  tells: { finish: 'always', usage: 'both', id: true },
  stop: 'stop',
};
const facts: Record<ProtocolName, Facts> = {
  openai_chat: openai,
  openai_completions: openai,
  tgi: {
    model: false,
    asksUsage: 'always',
    tells: { finish: 'always', usage: 'both', id: false },
    stop: 'eos_token',
  },
  mindie: {
    model: false,
    asksUsage: 'always',
    tells: { finish: 'with counts', usage: 'output', id: false },
    stop: 'eos_token',
  },
  triton: {
    model: true,
    asksUsage: 'if told to',
    tells: { finish: 'with counts', usage: 'output', id: true },
    stop: 'eos_token',
  },
  vita: {
    model: true,
    asksUsage: 'never',
    tells: { finish: 'never', usage: 'none', id: false },
    stop: '',
  },
};

/** The payloads of a stream's `data:` lines, read by a parser that is not ours. */
function payloadsOf(bytes: string): string[] {
  const payloads: string[] = [];
  createParser({ onEvent: (event) => payloads.push(event.data) }).feed(bytes);
  return payloads;
}

/** What a service was heard to say, beside what it means. */
function recorded<T>(name: string, ending: string): { title: string; said: string; expected: T }[] {
  const folder = join(fixtures, name);
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => ({
      title: file,
      said: readFileSync(join(folder, file), 'utf8'),
      expected: JSON.parse(readFileSync(join(folder, `${file.slice(0, -ending.length)}.json`), 'utf8')),
    }));
}

function recordedStreams(name: string) {
  return recorded<Delta[]>(name, '.sse').map(({ title, said, expected }) => ({
    title,
    payloads: payloadsOf(said),
    expected,
  }));
}

describe.each(Object.keys(protocols) as ProtocolName[])('%s', (name) => {
  const protocol: Protocol = protocols[name];
  const { optionsKey: options, limitKey: limit } = protocol;
  const { model, asksUsage, tells, stop } = facts[name];
  const optionsOf = (body: string) => (options === '' ? JSON.parse(body) : JSON.parse(body)[options]);

  /** What the other side can know of a delta. The dialects that say all at the end count only there. */
  function heard({ finish, usage, ...rest }: Delta): Delta {
    const counts = tells.usage === 'output' ? { outTokens: usage?.outTokens } : usage;
    const tellsFinish =
      finish !== undefined &&
      (tells.finish === 'always' || (tells.finish === 'with counts' && usage !== undefined));
    return {
      ...(tells.id && { id: 'sim-7' }),
      ...rest,
      ...(tellsFinish && { finish: finish === 'stop' ? stop : finish }),
      ...(usage !== undefined && tells.usage !== 'none' && { usage: counts as Delta['usage'] }),
    };
  }

  describe('request', () => {
    it.each([text, turns])('is understood by its own service side: $id', (sample) => {
      const call = protocol.encode(sample, target);
      const seen = protocol.accept(call.path, call.body);
      const prompt =
        typeof sample.prompt === 'string' ? sample.prompt : sample.prompt.map((t) => t.content).join('\n');
      expect(seen).toEqual({
        model: model ? 'some/model' : '',
        prompt,
        stream: true,
        maxTokens: 512,
        ignoreEos: true,
        includeUsage: asksUsage === 'always',
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
      const generation = { [limit]: 1, model: 'other', stream: false, temperature: 0.1 };
      const accept = (sample: Sample) => {
        const call = protocol.encode(sample, { ...target, generation });
        return protocol.accept(call.path, call.body);
      };
      expect(accept(text)).toMatchObject({ maxTokens: 512, model: model ? 'some/model' : '' });
      expect(accept({ ...text, maxOutTokens: 40 })).toMatchObject({ maxTokens: 40 });
      expect(accept({ ...text, maxOutTokens: 0 })).toMatchObject({ maxTokens: 512 });
    });

    it('lets options take out default fields and rename the limit', () => {
      const bodyFor = (generation: Record<string, unknown>, sample = text) =>
        protocol.encode(sample, { ...target, generation }).body;
      expect(optionsOf(bodyFor({ [limit]: null }))).not.toHaveProperty(limit);
      for (const key of ['stream', 'stream_options', 'model'])
        expect(JSON.parse(bodyFor({ [key]: null }))).not.toHaveProperty(key);
      const renamed = { max_completion_tokens: 33 };
      expect(optionsOf(bodyFor(renamed))).toMatchObject(renamed);
      expect(optionsOf(bodyFor(renamed))).not.toHaveProperty(limit);
      expect(optionsOf(bodyFor(renamed, { ...text, maxOutTokens: 4 }))).toMatchObject({
        max_completion_tokens: 4,
      });
    });

    it('passes generation options on and leaves unset ones out', () => {
      const body = optionsOf(protocol.encode(text, target).body);
      expect(body).toMatchObject({ temperature: 0.5, ignore_eos: true });
      expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['seed']));
      expect(body).not.toHaveProperty('top_p');
    });

    it('asks for no stream when the target has none', () => {
      const call = protocol.encode(text, { ...target, stream: false });
      expect(protocol.accept(call.path, call.body)).toMatchObject({ stream: false });
      expect(call.body).not.toContain('stream_options');
    });

    it('says which adapter a row wants', () => {
      const { path, body } = protocol.encode({ ...text, adapter: 'tuned' }, target);
      expect(`${path} ${body}`).toContain('"tuned"');
      expect(protocol.encode(text, target).body).not.toMatch(/adapter_id|lora_name/);
    });

    it('carries parts of a message as they are, or refuses what it cannot carry', () => {
      const content = [
        { type: 'image_url' as const, image_url: { url: 'https://h/x.png', detail: 'low' } },
        { type: 'text' as const, text: 'What is it?' },
      ];
      const shown: Sample = { id: '9', prompt: [{ role: 'HUMAN', content }] };
      if (name !== 'openai_chat') {
        expect(() => protocol.encode(shown, target)).toThrow(/^row 9 .* images/);
        return;
      }
      const { path, body } = protocol.encode(shown, target);
      expect(JSON.parse(body).messages).toEqual([{ role: 'user', content }]);
      expect(protocol.accept(path, body)).toMatchObject({ prompt: 'What is it?', media: 1 });
      const nowhere = body.replace('https://h/x.png', 'x.png');
      expect(() => protocol.accept(path, nowhere)).toThrow(/image_url/);
    });

    it.each([
      '{',
      '[]',
      'null',
      '{}',
      '{"prompt":7,"messages":7}',
      '{"messages":[]}',
      '{"messages":["x"]}',
      '{"inputs":[7],"text_input":7,"prompt":[]}',
    ])('is refused with a reason when it makes no sense: %s', (body) => {
      expect(() => protocol.accept(protocol.path(target), body)).toThrow(/./);
      try {
        protocol.accept(protocol.path(target), body);
      } catch (error) {
        expect(error instanceof TypeError || error instanceof SyntaxError).toBe(true);
      }
    });

    it.each([0, -1, 1.5, '12'])('is refused with a token limit of %j', (value) => {
      const body = JSON.parse(protocol.encode(text, target).body);
      (options === '' ? body : body[options])[limit] = value;
      expect(() => protocol.accept(protocol.path(target), JSON.stringify(body))).toThrow(limit);
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
      { text: ' all', finish: 'stop', usage: { inTokens: 3, outTokens: 4 } },
    ];
    it.each(spoken)('comes back from a stream as it was said: %j', (delta) => {
      const payload = protocol.emit(delta, response);
      const expected = heard(delta);
      if (payload === '') expect(expected).toEqual({});
      else expect(protocol.decode(payload)).toEqual(expected);
    });

    it('comes back from a whole body as it was said', () => {
      const delta = { text: 'All of it.', finish: 'stop', usage: { inTokens: 9, outTokens: 4 } };
      const { role, ...seen } = protocol.decodeBody(protocol.respond(delta, response));
      expect(seen).toEqual(heard(delta));
    });

    if (protocol.ending === 'summary')
      it('ends with an event that repeats the text, and reads it once', () => {
        const delta = { text: ' end', finish: 'length', usage: { inTokens: 3, outTokens: 4 }, done: true };
        const payload = protocol.emit(delta, { ...response, text: 'Is this the end' });
        expect(JSON.parse(payload)).toMatchObject({ generated_text: 'Is this the end' });
        expect(protocol.decode(payload)).toEqual(heard(delta));
      });

    if (protocol.ending !== 'mark')
      it('has no events for a role or for an end mark alone', () => {
        expect(protocol.emit({ role: 'assistant' }, response)).toBe('');
        expect(protocol.emit({ done: true }, response)).toBe('');
      });

    it('shows an error and the end mark', () => {
      expect(protocol.decode(protocol.emit({ error: 'no more' }, response))).toEqual({ error: 'no more' });
      expect(protocol.decodeBody(protocol.respond({ error: 'no more' }, response))).toEqual({
        error: 'no more',
      });
      expect(protocol.decode('[DONE]')).toEqual({ done: true });
      if (protocol.ending === 'mark') expect(protocol.emit({ done: true }, response)).toBe('[DONE]');
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
      '{"usage":{"prompt_tokens":"seven","completion_tokens":null}}',
      '{"details":{"generated_tokens":-7,"finish_reason":null,"input_length":[3]},"token":{"text":null}}',
      '{"token":[],"details":7,"generated_text":null,"text_output":null,"text":[7]}',
    ])('of any other shape says nothing: %s', (data) => {
      expect(protocol.decode(data)).toEqual({});
      expect(protocol.decodeBody(data)).toEqual({});
    });
  });

  describe('recorded whole answers', () => {
    const answers = recorded<Delta>(name, '.body');
    it('exist', () => expect(answers.length).toBeGreaterThan(0));

    it.each(answers)('$title', ({ said, expected }) => {
      expect(protocol.decodeBody(said)).toEqual(expected);
    });
  });

  describe('recorded streams', () => {
    const streams = recordedStreams(name);
    it('exist', () => expect(streams.length).toBeGreaterThan(1));

    it.each(streams)('$title', ({ payloads, expected }) => {
      expect(payloads.map(protocol.decode)).toEqual(expected);
    });
  });
});
