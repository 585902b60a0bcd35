import { createParser } from 'eventsource-parser';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delta } from '../core/protocol.ts';
import { openaiChat } from '../protocols/openai-chat.ts';
import { checkFaults, type FaultKind, type FaultSpec, faultKinds, faultsOf } from './faults.ts';
import { post, type Reply } from './post.fixture.ts';
import { type RunningSim, startSim } from './server.ts';

let sim: RunningSim | undefined;
afterEach(async () => {
  await sim?.stop();
  sim = undefined;
});

const TOKENS = 10;
const body = {
  model: 'm',
  messages: [{ role: 'user', content: 'How many?' }],
  ignore_eos: true,
  max_tokens: TOKENS,
};

/** One request with one fault; what the client got and what the service says of it. */
async function suffer(kind: FaultKind, options: Record<string, unknown> = {}, stream = true) {
  sim = await startSim({
    law: { stepBaseMs: 1, stepPerSequenceMs: 0, prefillPerTokenMs: 0 },
    faults: [{ kind, indices: [0], ...options } as FaultSpec],
  });
  const request = stream ? { ...body, stream, stream_options: { include_usage: true } } : body;
  const reply = await post(`${sim.url}v1/chat/completions`, request);
  const [truth] = sim.truth().requests;
  return { reply, truth, ...read(reply) };
}

/** What a standard reader makes of the stream. */
function read({ text }: Reply) {
  const payloads: string[] = [];
  const comments: string[] = [];
  createParser({ onEvent: (e) => payloads.push(e.data), onComment: (c) => comments.push(c) }).feed(text);
  const deltas = payloads.map((payload) => {
    try {
      return openaiChat.decode(payload);
    } catch {
      return 'malformed' as const;
    }
  });
  const said = deltas.filter((delta) => delta !== 'malformed');
  const texts = said.map((delta) => delta.text).filter((t) => t !== undefined);
  return { comments, deltas, said, texts, words: texts.join('').split(' ').length - 1 };
}

const isWhole = (said: ReturnType<typeof read>['said']) => ({
  finish: said.some((delta) => delta.finish !== undefined),
  usage: said.some((delta) => delta.usage !== undefined),
  done: said.some((delta) => delta.done === true),
});
const whole = { finish: true, usage: true, done: true };

describe('faults that end a request', () => {
  it('http-error', async () => {
    const { reply, truth } = await suffer('http-error', {
      status: 429,
      message: 'slow down',
      retryAfterS: 2,
    });
    expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
    expect(JSON.parse(reply.text).error.message).toBe('slow down');
    expect(truth).toMatchObject({ outcome: 'failed', status: 429, faults: ['http-error'], tokenNs: [] });
  });

  it('reset', async () => {
    const { reply, truth } = await suffer('reset');
    expect(reply).toMatchObject({ status: 0, error: 'ECONNRESET' });
    expect(truth).toMatchObject({ outcome: 'failed', status: 0 });
  });

  it('refuse: closed for a while, then open again on the same port', async () => {
    const { reply } = await suffer('refuse', { forMs: 60 });
    expect(reply.error).toBe('ECONNRESET');
    const again = () => post(`${sim?.url}v1/chat/completions`, body);
    expect(await again()).toMatchObject({ error: 'ECONNREFUSED' });
    await expect.poll(async () => (await again()).status, { timeout: 60_000 }).toBe(200);
  });

  it('reset-mid-stream', async () => {
    const { reply, truth, words } = await suffer('reset-mid-stream', { atToken: 4 });
    // A reset may overtake what the client has not read yet, the status line included.
    expect(reply.error).toBe('ECONNRESET');
    expect(words).toBeLessThanOrEqual(4);
    expect(truth).toMatchObject({ outcome: 'failed', outputTokens: 4 });
  });

  it.each([
    [true, null],
    [false, 'ECONNRESET'],
  ])('cut, clean: %s', async (clean, error) => {
    const { reply, truth, words, said } = await suffer('cut', { atToken: 4, clean });
    expect([reply.error, words]).toEqual([error, 4]);
    expect(isWhole(said)).toEqual({ finish: false, usage: false, done: false });
    expect(truth).toMatchObject({ outcome: 'failed', outputTokens: 4 });
  });

  it('error-event', async () => {
    const { said, truth, words } = await suffer('error-event', { atToken: 4 });
    expect(words).toBe(4);
    expect(said.filter((delta) => delta.error !== undefined)).toHaveLength(1);
    expect(isWhole(said)).toEqual({ finish: false, usage: false, done: true });
    expect(truth).toMatchObject({ outcome: 'failed', outputTokens: 4 });
  });

  it('malformed-json', async () => {
    const { deltas, truth, words } = await suffer('malformed-json', { atToken: 4 });
    expect(deltas.filter((delta) => delta === 'malformed')).toHaveLength(1);
    expect(words).toBe(TOKENS);
    expect(truth.outcome).toBe('failed');
  });

  it('stall: tokens pile up and come at once', async () => {
    const { truth, said, words } = await suffer('stall', { atToken: 4, forMs: 80 });
    expect([words, truth.outcome]).toEqual([TOKENS, 'ok']);
    expect(isWhole(said)).toEqual(whole);
    expect((truth.tokenNs[4] - truth.tokenNs[3]) / 1e6).toBeGreaterThan(70);
  });

  it('stall for ever ends with the service', async () => {
    const request = suffer('stall', { atToken: 2 });
    await expect.poll(() => sim?.truth().requests[0]?.outputTokens).toBe(2);
    expect(sim?.truth().requests[0].outcome).toBe('open');
    await sim?.stop();
    expect((await request).reply.error).toBe('ECONNRESET');
  });

  it.each(['reset-mid-stream', 'cut', 'malformed-json', 'error-event'] as const)(
    '%s spoils an answer in one piece as well',
    async (kind) => {
      const { reply, truth } = await suffer(kind, {}, false);
      const complete = reply.status === 200 && reply.error === null;
      if (complete) expect(() => openaiChat.decodeBody(reply.text)).toThrow(SyntaxError);
      else expect(reply).toMatchObject(kind === 'error-event' ? { status: 500 } : { error: 'ECONNRESET' });
      expect(truth).toMatchObject({ outcome: 'failed', outputTokens: 0 });
    },
  );
});

describe('wire styles leave the answer whole', () => {
  it.each([
    ['split', {}],
    ['batch', { events: 4 }],
    ['tokens-per-event', { tokens: 3 }],
    ['crlf', {}],
    ['no-space', {}],
    ['heartbeat', { every: 3 }],
    ['early-role', {}],
    ['no-role', {}],
  ] as const)('%s', async (kind, options) => {
    const { truth, said, words } = await suffer(kind, options);
    expect([words, truth.outputTokens, truth.tokenNs.length]).toEqual([TOKENS, TOKENS, TOKENS]);
    expect(isWhole(said)).toEqual(whole);
    expect(said.filter((delta) => delta.role !== undefined)).toHaveLength(kind === 'no-role' ? 0 : 1);
    expect(truth).toMatchObject({ outcome: 'ok', faults: [kind] });
  });

  it('batch gives the tokens of one write one time', async () => {
    const { truth } = await suffer('batch', { events: 4 });
    expect(new Set(truth.tokenNs).size).toBe(3);
  });

  it('tokens-per-event makes fewer events', async () => {
    expect((await suffer('tokens-per-event', { tokens: 3 })).texts).toHaveLength(4);
  });

  it('crlf and no-space show in the bytes', async () => {
    expect((await suffer('crlf')).reply.text).toMatch(/^data: .*\r\n\r\ndata: /);
    await sim?.stop();
    expect((await suffer('no-space')).reply.text).toMatch(/^data:\{/);
  });

  it('heartbeat sends comments, one before anything else', async () => {
    const { comments, reply } = await suffer('heartbeat', { every: 5 });
    expect(comments).toHaveLength(3);
    expect(reply.text).toMatch(/^: /);
  });

  it('early-role is no token', async () => {
    const { truth, said } = await suffer('early-role');
    expect(said[0]).toMatchObject({ role: 'assistant' });
    expect(truth.firstTokenNs).toBe(truth.tokenNs[0]);
  });

  it('reasoning comes first, then text', async () => {
    const { said, words, truth } = await suffer('reasoning', { tokens: 4 });
    const kindOf = (delta: Delta) => (delta.reasoning ? 'r' : 't');
    const kinds = said
      .filter((delta) => delta.reasoning || delta.text)
      .map(kindOf)
      .join('');
    expect(kinds).toBe('rrrrtttttt');
    expect([words, truth.outputTokens]).toEqual([6, TOKENS]);
  });

  it('tool-call has a name and arguments and ends with its own reason', async () => {
    const { said } = await suffer('tool-call');
    expect(said.filter((delta) => delta.tool !== undefined)).toHaveLength(TOKENS);
    expect(said.find((delta) => delta.finish !== undefined)).toMatchObject({ finish: 'tool_calls' });
  });

  it('multibyte characters survive being cut', async () => {
    sim = await startSim({
      law: { stepBaseMs: 1 },
      faults: [
        { kind: 'multibyte', rate: 1 },
        { kind: 'split', rate: 1 },
      ],
    });
    const reply = await post(`${sim.url}v1/chat/completions`, { ...body, max_tokens: 60, stream: true });
    expect(reply.text).not.toContain('\ufffd');
    expect(read(reply).texts.join('')).toMatch(/^(é| über| 数|学| 🍎| ответ| 세| €5){60}$/u);
  });

  it.each(['no-usage', 'no-done'] as const)('%s', async (kind) => {
    const { said, words } = await suffer(kind);
    expect(words).toBe(TOKENS);
    expect(isWhole(said)).toEqual({
      ...whole,
      ...(kind === 'no-usage' ? { usage: false } : { done: false }),
    });
  });
});

describe('choosing requests', () => {
  const chosen = (specs: FaultSpec[], seed: number, count = 2000) =>
    Array.from({ length: count }, (_, n) => faultsOf(specs, n, seed, 10).kinds.length > 0);

  it('by number', () => {
    const hits = chosen([{ kind: 'reset', indices: [0, 7] }], 1, 20);
    expect(hits.flatMap((hit, n) => (hit ? [n] : []))).toEqual([0, 7]);
  });

  it('by rate, the same ones for the same seed', () => {
    const specs: FaultSpec[] = [{ kind: 'reset', rate: 0.1 }];
    const hits = chosen(specs, 1);
    const share = hits.filter(Boolean).length / hits.length;
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.13);
    expect(chosen(specs, 1)).toEqual(hits);
    expect(chosen(specs, 2)).not.toEqual(hits);
    expect(chosen([{ kind: 'reset', rate: 1 }], 1)).not.toContain(false);
    expect(chosen([{ kind: 'reset', rate: 0 }], 1)).not.toContain(true);
  });

  it('adds several faults of one request up', () => {
    const { kinds, change } = faultsOf(
      [
        { kind: 'crlf', rate: 1 },
        { kind: 'split', rate: 1 },
      ],
      0,
      0,
      10,
    );
    expect(kinds).toEqual(['crlf', 'split']);
    expect(change).toEqual({ lineEnd: '\r\n', split: true });
  });
});

describe('checkFaults', () => {
  it('takes every kind with its default options', () => {
    const specs = Object.entries(faultKinds).map(([kind, { options }]) => ({ kind, rate: 0.1, ...options }));
    expect(checkFaults(specs)).toEqual(specs);
  });

  it.each([
    [{ kind: 'reset' }, /^faults: expected a list/],
    [[{ kind: 'rest' }], /^faults\[0\]\.kind: expected one of http-error, .*got "rest"/],
    [[{ kind: 'reset', rate: 2 }], /^faults\[0\]\.rate: expected a number from 0 to 1, got 2/],
    [[{ kind: 'reset', indices: 3 }], /^faults\[0\]\.indices/],
    [[{ kind: 'stall', forMS: 3 }], /^faults\[0\]\.forMS: expected only atToken, forMs/],
    [[{ kind: 'cut', clean: 'yes' }], /^faults\[0\]\.clean: expected a boolean/],
    [[{ kind: 'batch', events: -1 }], /^faults\[0\]\.events: expected a number of at least 0/],
  ])('says what is wrong with %j', (value, message) => {
    expect(() => checkFaults(value)).toThrow(message);
  });
});
