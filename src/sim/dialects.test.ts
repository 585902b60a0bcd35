import { afterEach, describe, expect, it } from 'vitest';
import type { SimChoices } from './options.ts';
import { post } from './post.fixture.ts';
import { type RunningSim, startSim } from './server.ts';

let sim: RunningSim;
afterEach(() => sim.stop());

async function start(choices: SimChoices = {}): Promise<void> {
  sim = await startSim({ law: { stepBaseMs: 1, stepPerSequenceMs: 0, prefillPerTokenMs: 0 }, ...choices });
}

/** The parsed payloads of a stream. */
async function streamOf(path: string, body: object): Promise<Record<string, unknown>[]> {
  const { status, text } = await post(`${sim.url}${path}`, body);
  expect(status).toBe(200);
  const events = text.split('\n\n').filter((event) => event !== '');
  return events.map((event) => JSON.parse(event.replace(/^data: /, '')));
}

const limited = { parameters: { max_new_tokens: 5, ignore_eos: true, details: true } };
const textOf = (event: Record<string, unknown>) => (event.token as { text: string | null }).text;

describe('dialects of the simulated service', () => {
  it('TGI: the token that reaches the limit brings the details and the whole text', async () => {
    await start();
    const events = await streamOf('generate_stream', { inputs: 'How many?', ...limited });
    expect(events).toHaveLength(5);
    expect(events.slice(0, -1).every((e) => e.generated_text === null && e.details === null)).toBe(true);
    expect(events.at(-1)).toMatchObject({
      generated_text: events.map(textOf).join(''),
      details: { finish_reason: 'length', generated_tokens: 5, input_length: 3 },
    });
  });

  it('MindIE: an answer that ends by itself ends with an event without text', async () => {
    await start({ answerLength: { medianTokens: 3, sigma: 0 } });
    const parameters = { max_new_tokens: 50, details: true };
    const events = await streamOf('infer', { inputs: 'How many?', stream: true, parameters });
    expect(events.map(textOf)).toEqual([...Array(3).fill(expect.any(String)), null]);
    expect(events.at(-1)).toMatchObject({
      generated_text: events.slice(0, 3).map(textOf).join(''),
      details: { finish_reason: 'eos_token', generated_tokens: 3 },
    });
  });

  it('Triton: nothing but text unless details are asked for, for the model in the path', async () => {
    await start({ model: 'org/m', strictModel: true });
    const body = { text_input: 'Hi', parameters: { max_new_tokens: 2, ignore_eos: true } };
    const bare = await streamOf('v2/models/org%2Fm/generate_stream', body);
    expect(bare.map((e) => Object.keys(e))).toEqual(
      Array(2).fill(['id', 'model_name', 'model_version', 'text_output']),
    );
    const told = await streamOf('v2/models/org%2Fm/generate_stream', { ...body, ...limited });
    expect(told.at(-1)).toMatchObject({ details: { finish_reason: 'length', generated_tokens: 5 } });
    expect((await post(`${sim.url}v2/models/other/generate`, body)).status).toBe(404);
  });

  it('two dialects at one path are told apart by their bodies', async () => {
    await start();
    const vita = { prompt: [{ type: 'text', text: 'Hi' }], max_tokens: 2 };
    expect(JSON.parse((await post(`${sim.url}generate`, vita)).text)).toEqual({ text: [expect.any(String)] });
    const tgi = JSON.parse((await post(`${sim.url}generate`, { inputs: 'Hi', ...limited })).text);
    expect(tgi).toMatchObject({ details: { generated_tokens: 5 } });
    const neither = await post(`${sim.url}generate`, { question: 'Hi' });
    expect(neither.status).toBe(400);
    expect(JSON.parse(neither.text).error.message).toMatch(
      /inputs must be a string, or prompt must be a list/,
    );
  });

  it.each(['generate_stream', 'infer', 'v2/models/m/generate', 'v1/completions'])(
    'demands the key at %s',
    async (path) => {
      await start({ apiKey: 'k' });
      const body = { inputs: 'Hi', text_input: 'Hi', prompt: 'Hi' };
      expect((await post(`${sim.url}${path}`, body)).status).toBe(401);
      expect((await post(`${sim.url}${path}`, body, { authorization: 'Bearer k' })).status).toBe(200);
    },
  );

  it('a chat that must call a tool does', async () => {
    await start();
    const messages = [{ role: 'user', content: 'Weather?' }];
    const reply = await post(`${sim.url}v1/chat/completions`, {
      messages,
      tool_choice: 'required',
      max_tokens: 4,
    });
    expect(JSON.parse(reply.text).choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ function: { arguments: expect.any(String) } }] },
    });
  });
});
