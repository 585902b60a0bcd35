import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimChoices } from './options.ts';
import { post } from './post.fixture.ts';
import { type RunningSim, startSim } from './server.ts';
import type { TruthRequest } from './truth.ts';

let sim: RunningSim | undefined;
afterEach(async () => {
  await sim?.stop();
  sim = undefined;
});

/** A quick service: steps of 1 ms, so that a test takes as long as its tokens. */
const quick: SimChoices = { law: { stepBaseMs: 1, stepPerSequenceMs: 0, prefillPerTokenMs: 0 } };

async function start(choices: SimChoices = {}): Promise<RunningSim> {
  sim = await startSim({ ...quick, ...choices, law: { ...quick.law, ...choices.law } });
  return sim;
}

const chat = { model: 'm', messages: [{ role: 'user', content: 'How many?' }], ignore_eos: true };
const streamed = { ...chat, stream: true, stream_options: { include_usage: true }, max_tokens: 6 };
const chatUrl = () => `${sim?.url}v1/chat/completions`;
const only = (): TruthRequest => {
  const { requests } = sim!.truth();
  expect(requests).toHaveLength(1);
  return requests[0];
};
const events = (text: string) => text.split(/\r?\n\r?\n/).filter((event) => event !== '');

describe('simulated service', () => {
  it('streams as vLLM does: role, tokens, finish reason, usage, end mark', async () => {
    await start();
    const reply = await post(chatUrl(), streamed);
    expect(reply).toMatchObject({ status: 200, error: null });
    expect(reply.headers).toMatchObject({ 'x-request-id': 'sim-0' });
    const payloads = events(reply.text).map((event) => event.replace(/^data: /, ''));
    expect(payloads).toHaveLength(1 + 6 + 1 + 1);
    const parsed = payloads.slice(0, -1).map((payload) => JSON.parse(payload));
    expect(parsed[0].choices[0].delta).toEqual({ role: 'assistant', content: '' });
    expect(parsed[6].choices[0].finish_reason).toBe('length');
    expect(parsed[7]).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 6, total_tokens: 9 },
    });
    expect(payloads.at(-1)).toBe('[DONE]');
    expect(new Set(parsed.map((event) => event.id))).toEqual(new Set(['sim-0']));
  });

  it('tells in every event how many tokens were used by then, when the request asks for it', async () => {
    await start({ faults: [{ kind: 'tokens-per-event', rate: 1, tokens: 4 }] });
    const options = { include_usage: true, continuous_usage_stats: true };
    const { text } = await post(chatUrl(), { ...streamed, stream_options: options });
    const payloads = events(text).map((event) => event.replace(/^data: /, ''));
    const counts = payloads.slice(0, -1).map((payload) => JSON.parse(payload).usage.completion_tokens);
    expect(counts).toEqual([0, 4, 6, 6]);
    expect((await post(chatUrl(), streamed)).text.match(/usage/g)).toHaveLength(1);
  });

  it('streams completions without a role', async () => {
    await start();
    const { text } = await post(`${sim?.url}v1/completions`, { ...streamed, prompt: 'Once' });
    const payloads = events(text).map((event) => event.replace(/^data: /, ''));
    expect(payloads).toHaveLength(6 + 1 + 1);
    expect(JSON.parse(payloads[0]).choices[0].text).toMatch(/^ \w/);
  });

  it('records the truth: every token in order, between admission and end', async () => {
    await start();
    const postedMs = Number(process.hrtime.bigint()) / 1e6;
    await post(chatUrl(), streamed);
    const truth = only();
    expect(truth).toMatchObject({
      number: 0,
      id: 'sim-0',
      path: 'v1/chat/completions',
      stream: true,
      promptTokens: 3,
      outputTokens: 6,
      status: 200,
      outcome: 'ok',
      finishReason: 'length',
      faults: [],
    });
    const times = [truth.arrivalNs, truth.admittedNs, ...truth.tokenNs, truth.endNs];
    expect(times).toEqual([...times].map(Number).sort((a, b) => a - b));
    expect(truth.firstTokenNs).toBe(truth.tokenNs[0]);
    const baseMs = Number(BigInt(sim!.truth().baseMonotonicNs)) / 1e6;
    const endMs = baseMs + truth.endNs! / 1e6;
    expect(endMs).toBeGreaterThan(postedMs);
    expect(endMs).toBeLessThan(Number(process.hrtime.bigint()) / 1e6);
  });

  it('keeps the law in real time: never early, and lateness does not add up', async () => {
    await start({ law: { stepBaseMs: 4, prefillPerTokenMs: 5 }, maxLagMs: 60_000 });
    await post(chatUrl(), { ...streamed, max_tokens: 40 });
    const { tokenNs, admittedNs } = only();
    const { maxLateMs, steps } = sim!.truth().engine;
    // 4 + 3 * 5 ms for the prompt, then a token every 4 ms. The writing itself takes 1 ms at most where nothing interrupts it.
    const lateMs = tokenNs.map((at, i) => (at - admittedNs!) / 1e6 - (19 + 4 * i));
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    expect(lateMs.sort((a, b) => a - b)[20]).toBeLessThan(maxLateMs + 1);
    expect(steps).toBe(40);
  });

  it('gives the same answers for the same seed, whatever the order of arrival', async () => {
    const ask = async (seed: number, questions: string[]) => {
      await start({ seed, speed: 20 });
      const replies = new Map<string, unknown>();
      for (const question of questions) {
        const reply = await post(`${sim?.url}v1/completions`, { prompt: question, max_tokens: 300 });
        const { choices, usage } = JSON.parse(reply.text);
        replies.set(question, [choices, usage]);
      }
      await sim?.stop();
      return [...replies].sort();
    };
    const first = await ask(1, ['a', 'b', 'c']);
    expect(await ask(1, ['c', 'a', 'b'])).toEqual(first);
    expect(await ask(2, ['a', 'b', 'c'])).not.toEqual(first);
  });

  it('answers whole bodies', async () => {
    await start();
    const { text } = await post(chatUrl(), { ...chat, max_tokens: 3 });
    const body = JSON.parse(text);
    expect(body.choices[0]).toMatchObject({ message: { role: 'assistant' }, finish_reason: 'length' });
    expect(body.choices[0].message.content.trim().split(' ')).toHaveLength(3);
    expect(body.usage).toEqual({ prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 });
    expect(only()).toMatchObject({ stream: false, tokenNs: [], outputTokens: 3, outcome: 'ok' });
  });

  it.each([
    ['no JSON', '{', 400],
    ['no messages', {}, 400],
    ['too long', { ...chat, max_tokens: 40_000 }, 400],
    ['another model', { ...chat, model: 'other' }, 404],
  ])('refuses what makes no sense: %s', async (_title, body, status) => {
    await start({ strictModel: true, model: 'm' });
    const reply = await post(chatUrl(), body);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text).error).toMatchObject({ message: expect.any(String), code: status });
    expect(only()).toMatchObject({ outcome: 'failed', status });
  });

  it('serves models, health, metrics and 404, and demands the key on /v1', async () => {
    await start({ model: 'mid "size"', apiKey: 'k' });
    const get = (path: string, headers = {}) => fetch(`${sim?.url}${path}`, { headers });
    expect((await get('v1/models')).status).toBe(401);
    const models = await (await get('v1/models', { authorization: 'Bearer k' })).json();
    expect(models).toMatchObject({ object: 'list', data: [{ id: 'mid "size"', max_model_len: 32_768 }] });
    expect((await get('health')).status).toBe(200);
    expect((await get('nothing')).status).toBe(404);
    expect((await get('v1/chat/completions', { authorization: 'Bearer k' })).status).toBe(405);
    await post(chatUrl(), streamed, { authorization: 'Bearer k' });
    const metrics = await (await get('metrics')).text();
    const value = (name: string) =>
      metrics
        .split('\n')
        .find((line) => line.startsWith(`vllm:${name}{`) || line.startsWith(`vllm:${name} `));
    expect(value('generation_tokens_total')).toMatch(/model_name="mid \\"size\\""} 6$/);
    expect(value('prompt_tokens_total')).toMatch(/ 3$/);
    expect(value('num_requests_running')).toMatch(/ 0$/);
    expect(value('time_to_first_token_seconds_count')).toMatch(/ 1$/);
    expect(value('inter_token_latency_seconds_count')).toMatch(/ 5$/);
    expect(metrics).toMatch(/request_success_total\{[^}]*finished_reason="length"\} 1/);
  });

  it('gives the truth out over HTTP and into a file, and forgets it on request', async () => {
    await start();
    await post(chatUrl(), streamed);
    const told = (await (await fetch(`${sim?.url}truth`)).json()) as { requests: unknown };
    expect(told.requests).toEqual(sim!.truth().requests);
    expect((await fetch(`${sim?.url}truth/reset`, { method: 'POST' })).status).toBe(204);
    expect(sim!.truth().requests).toEqual([]);
    expect((await post(chatUrl(), streamed)).headers).toMatchObject({ 'x-request-id': 'sim-0' });
  });

  it('frees the place of a client that goes away', async () => {
    await start({ law: { stepBaseMs: 5 } });
    const stop = new AbortController();
    const response = await fetch(chatUrl(), {
      method: 'POST',
      body: JSON.stringify({ ...streamed, max_tokens: 5000 }),
      signal: stop.signal,
    });
    await response.body?.getReader().read();
    stop.abort();
    await expect.poll(() => only().outcome).toBe('client-closed');
    await expect
      .poll(async () => (await fetch(`${sim?.url}metrics`)).text())
      .toMatch(/num_requests_running\{.*\} 0\n/);
    expect(only().outputTokens).toBe(only().tokenNs.length);
  });

  it('cannot start on a taken port, and says so', async () => {
    const { port } = await start();
    await expect(startSim({ port })).rejects.toThrow(/cannot listen on 127.0.0.1:\d+/);
  });
});

describe('the openai client', () => {
  const client = () => new OpenAI({ baseURL: `${sim?.url}v1`, apiKey: 'none', maxRetries: 0 });

  it('streams a chat, with usage', async () => {
    await start();
    const stream = await client().chat.completions.create({ ...streamed, stream: true } as never);
    let text = '';
    let usage: unknown;
    for await (const chunk of stream as unknown as AsyncIterable<OpenAI.ChatCompletionChunk>) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text.trim().split(' ')).toHaveLength(6);
    expect(usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 6 });
  });

  it('gets a whole chat, a completion, and the models', async () => {
    await start();
    const whole = await client().chat.completions.create({
      model: 'm',
      max_tokens: 4,
      messages: [{ role: 'user', content: 'How many?' }],
    });
    expect(whole.choices[0].message.content).toMatch(/\w/);
    const completion = await client().completions.create({ model: 'm', prompt: 'Once', max_tokens: 4 });
    expect(completion.usage?.completion_tokens).toBeLessThanOrEqual(4);
    expect((await client().models.list()).data[0].id).toBe('sim-model');
  });

  it('sees reasoning, tool calls and errors as it would from a real service', async () => {
    await start({
      faults: [
        { kind: 'tool-call', indices: [0] },
        { kind: 'error-event', indices: [1] },
        { kind: 'http-error', indices: [2], status: 429, retryAfterS: 1 },
      ],
    });
    const final = await client()
      .chat.completions.stream({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] })
      .finalChatCompletion();
    const call = final.choices[0].message.tool_calls?.[0];
    expect(call).toMatchObject({ type: 'function', function: { name: expect.stringMatching(/^\w+$/) } });
    const failing = client().chat.completions.stream({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
    });
    await expect(failing.done()).rejects.toThrow(/internal error/);
    await expect(client().completions.create({ model: 'm', prompt: 'x' })).rejects.toMatchObject({
      status: 429,
    });
  });
});
