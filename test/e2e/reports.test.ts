/**
 * What people reported of tools like this one: streams with other lines than data, characters cut by the network, usage
 * in odd places, several choices, fields that a service refuses. Times are held against the service's own record.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOutput } from '../../src/core/records.ts';
import { readRun } from '../../src/store/store.ts';
import { editModel, type Finished, readJson, run, type Workspace, workspace } from './harness.ts';

/** The service's side of one answer: `output` writes the bytes that complete an event with output. */
interface Answer {
  write(bytes: string | Buffer): void;
  output(bytes: string | Buffer): void;
}
type Script = (answer: Answer) => Promise<void>;

/** What a row must look like afterwards. */
interface Wanted {
  script: Script;
  text: string;
  inTokens?: number | undefined;
  outTokens?: number | undefined;
  source?: string;
  finish?: string;
  /** Events with output, where they are more than the service's steps. */
  outputs?: number;
}

interface Row {
  index: number;
  outcome: string;
  input_tokens: number | null;
  output_tokens: number | null;
  token_source: string;
  finish_reason: string | null;
  prediction: string;
}

/** ms from a request's arrival to its outputs, as the service wrote them. */
const written = new Map<string, number[]>();

const frame = (body: object) => `data: ${JSON.stringify(body)}\n\n`;
const choice = (delta: object, finish: string | null = null, index = 0) => ({
  index,
  delta,
  finish_reason: finish,
});
const chat = (...choices: object[]) => frame({ id: 'c', object: 'chat.completion.chunk', choices });
const say = (content: string) => chat(choice({ content }));
const usage = (input: number, output: number) =>
  frame({ choices: [], usage: { prompt_tokens: input, completion_tokens: output } });
const ROLE = chat(choice({ role: 'assistant', content: '' }));
const STOP = chat(choice({}, 'stop'));
const DONE = 'data: [DONE]\n\n';
const FIVE = [0, 1, 2, 3, 4].map((i) => `t${i} `);
const GAP_MS = 10;
const FIRST_MS = 40;

// --- lines that are no data ---------------------------------------------------------------------

/** Five tokens, with other lines before the role, before each token and at the end. */
function framed(extra: { first?: string; before?: (i: number) => string; tail?: string }): Wanted {
  return {
    text: FIVE.join(''),
    inTokens: 7,
    outTokens: 5,
    finish: 'stop',
    async script({ write, output }) {
      if (extra.first) write(extra.first);
      write(ROLE);
      await sleep(FIRST_MS);
      for (const [i, token] of FIVE.entries()) {
        output((extra.before?.(i) ?? '') + say(token));
        await sleep(GAP_MS);
      }
      write(STOP + usage(7, 5));
      await sleep(FIRST_MS);
      write(extra.tail ?? DONE);
    },
  };
}

const lines: Record<string, Wanted> = {
  plain: framed({}),
  'ids-and-comments': framed({
    first: 'id: a\n\n: keep-alive\n\n',
    before: (i) => (i === 2 ? 'id: a\n\nretry: 500\n\n:\n\n' : ''),
  }),
  'named-events': framed({ before: (i) => `event: message\nid: ${i}\n` }),
  'events-without-data': framed({ first: 'event: ping\n\n', before: () => 'event: ping\nid: 3\n\n' }),
  'unknown-fields': framed({ before: () => 'trace: x\nspan\n' }),
  'bare-done': framed({ tail: '[DONE]\n\n' }),
  'done-without-space': framed({ tail: 'data:[DONE]\n\n' }),
  'done-without-end': framed({ tail: 'data: [DONE]' }),
  'done-named': framed({ tail: 'event: done\ndata: [DONE]\n\n' }),
  'done-twice': framed({ tail: DONE + DONE }),
  'no-done': framed({ tail: '\n' }),
  'comment-for-done': framed({ tail: ': bye\n\n' }),
};

// --- bytes that the network cuts ----------------------------------------------------------------

const WORDS = ['é', '中', '文😀', '\u2028', '\u0085x', '👩‍👩‍👧'];

/** The words, each event written in pieces; an event is there when its last piece is. */
function cutUp(pieces: (event: Buffer, word: string) => Buffer[], words = WORDS): Wanted {
  return {
    text: words.join(''),
    inTokens: 5,
    outTokens: words.length,
    finish: 'stop',
    async script({ write, output }) {
      write(ROLE);
      for (const word of words) {
        const parts = pieces(Buffer.from(say(word)), word);
        for (const part of parts.slice(0, -1)) {
          write(part);
          await sleep(3);
        }
        output(parts.at(-1)!);
        await sleep(GAP_MS);
      }
      write(STOP + usage(5, words.length) + DONE);
    },
  };
}

const split = (event: Buffer, ...places: number[]) => {
  const edges = [0, ...places, event.length];
  return edges.slice(1).map((to, i) => event.subarray(edges[i], to));
};
const insideCharacter = (event: Buffer) => event.findIndex((byte) => byte > 127) + 1;

/** The emoji's two halves as escapes, in two events. */
const halves: Wanted = {
  text: '文😀',
  inTokens: 5,
  outTokens: 2,
  finish: 'stop',
  async script({ write, output }) {
    write(ROLE);
    output('data: {"choices":[{"index":0,"delta":{"content":"\\u6587\\ud83d"}}]}\n\n');
    await sleep(GAP_MS);
    output('data: {"choices":[{"index":0,"delta":{"content":"\\ude00"}}]}\n\n');
    await sleep(GAP_MS);
    write(STOP + usage(5, 2) + DONE);
  },
};

const cuts: Record<string, Wanted> = {
  'inside-characters': cutUp((event) => split(event, insideCharacter(event))),
  'behind-each-byte-of-characters': cutUp((event) =>
    split(event, ...[...event.keys()].filter((at) => event[at] > 127)),
  ),
  'before-the-last-line-end': cutUp((event) => split(event, event.length - 1)),
  'inside-the-field-name': cutUp((event) => split(event, 3)),
  'halves-of-a-character': halves,
  'long-texts': cutUp(
    (event) => split(event, ...[65_527, 2 * 65_527].filter((at) => at < event.length)),
    ['中'.repeat(40_000), '文'.repeat(40_000)],
  ),
};

// --- several choices ----------------------------------------------------------------------------

/** Each step is the events written together; the last choice to end says the finish reason. */
function choices(steps: string[], wanted: Pick<Wanted, 'text' | 'outTokens' | 'finish' | 'outputs'>): Wanted {
  return {
    ...wanted,
    inTokens: 5,
    async script({ write, output }) {
      for (const step of steps) {
        await sleep(GAP_MS);
        if (step.includes('"content":"')) output(step);
        else write(step);
      }
      write(usage(5, wanted.outTokens!) + DONE);
    },
  };
}
const part = (index: number, content: string) => chat(choice({ content }, null, index));
const over = (index: number, reason: string) => chat(choice({}, reason, index));

const several: Record<string, Wanted> = {
  'two-choices': choices(
    [part(0, 'a0') + part(1, 'b0'), over(0, 'stop'), part(1, 'b1'), part(1, 'b2'), over(1, 'length')],
    { text: 'a0b0b1b2', outTokens: 4, finish: 'length', outputs: 4 },
  ),
  'three-choices': choices(
    [part(2, 'c0'), over(2, 'length'), part(0, 'a0'), over(0, 'length'), part(1, 'b0'), over(1, 'stop')],
    { text: 'c0a0b0', outTokens: 3, finish: 'stop', outputs: 3 },
  ),
  'choices-in-one-event': choices(
    [
      chat(choice({ content: 'a0' }), choice({ content: 'b0' }, null, 1)),
      over(1, 'stop'),
      part(0, 'a1'),
      over(0, 'stop'),
    ],
    { text: 'a0b0a1', outTokens: 3, finish: 'stop', outputs: 2 },
  ),
};

// --- usage of text completions ------------------------------------------------------------------

const text = (words: string | null, finish: string | null = null, more: object = {}) =>
  frame({ id: 't', choices: [{ index: 0, text: words, finish_reason: finish }], ...more });
const counts = (input: number | null, output: number | null) => ({
  usage: {
    ...(input !== null && { prompt_tokens: input }),
    ...(output !== null && { completion_tokens: output }),
  },
});

/** Six words, `more` in each event, and the end. */
function completed(
  end: string[],
  wanted: Partial<Wanted> = {},
  more: (i: number) => object = () => ({}),
): Wanted {
  return {
    text: [0, 1, 2, 3, 4, 5].map((i) => ` w${i}`).join(''),
    inTokens: 4,
    outTokens: 6,
    source: 'usage',
    finish: 'stop',
    ...wanted,
    async script({ write, output }) {
      await sleep(FIRST_MS);
      for (let i = 0; i < 6; i++) {
        output(text(` w${i}`, null, more(i)));
        await sleep(GAP_MS);
      }
      for (const event of end) write(event);
      write(DONE);
    },
  };
}
const TAIL = text('', 'stop', counts(4, 6));
const estimated = { inTokens: undefined, outTokens: undefined, source: 'embedded' };

const usages: Record<string, Wanted> = {
  'same-event': completed([TAIL]),
  'event-of-its-own': completed([text('', 'stop'), frame({ choices: [], ...counts(4, 6) })]),
  'text-null': completed([text(null, 'stop', counts(4, 6))]),
  'zero-until-the-end': completed([TAIL], {}, () => counts(4, 0)),
  'running-counts': completed([TAIL], {}, (i) => counts(4, i + 1)),
  'before-the-finish': completed([frame({ choices: [], ...counts(4, 6) }), text('', 'stop')]),
  'usage-null': completed([text('', 'stop', { usage: null })], estimated),
  'no-usage': completed([text('', 'stop')], estimated),
  'output-alone': completed([text('', 'stop', counts(null, 6))], { inTokens: undefined }),
};

const ways = { chat: { ...lines, ...cuts, ...several }, text: usages };

// --- the service and the runs -------------------------------------------------------------------

/** Takes some fields not, as services of reasoning models do. */
const refusals = {
  max_tokens: "Parameter 'max_tokens' is not supported here; use 'max_completion_tokens'.",
  stream_options: 'Extra inputs are not permitted: stream_options',
};

function refusalOf(request: IncomingMessage, body: string): string | undefined {
  if (!request.url?.startsWith('/strict/')) return undefined;
  const fields = JSON.parse(body) as object;
  return Object.entries(refusals).find(([field]) => field in fields)?.[1];
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrived = performance.now();
  let body = '';
  for await (const piece of request) body += piece;
  if (request.url?.endsWith('/models')) {
    response.end('{"data":[{"id":"m"}]}');
    return;
  }
  const message = refusalOf(request, body);
  if (message !== undefined) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
    return;
  }
  const way = request.url?.endsWith('chat/completions') ? 'chat' : 'text';
  const name = /v=([\w-]+)/.exec(body)?.[1] ?? '';
  const times: number[] = [];
  written.set(`${way} ${name}`, times);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await (ways[way][name] ?? ways[way][way === 'chat' ? 'plain' : 'same-event']).script({
    write: (bytes) => void response.write(bytes),
    output(bytes) {
      times.push(performance.now() - arrived);
      response.write(bytes);
    },
  });
  response.end();
}

let server: Server;
let ws: Workspace;
let fine: Finished;
let refused: Finished;
let folder: string;

/** The rows of a model's task by their variants, with the ms from sending to each output. */
async function recordsOf(model: string): Promise<Map<string, Row & { outputMs: number[] }>> {
  const results = join(folder, 'performances', model);
  const file = readdirSync(results).find((name) => name.endsWith('_details.jsonl'))!;
  const rows = readFileSync(join(results, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
  const outputs = new Map<number, number[]>();
  for (const batch of (await readRun(results, file.replace('_details.jsonl', ''))).batches()) {
    for (let row = 0; row < batch.rows; row++) {
      let us = 0;
      const times: number[] = [];
      for (let at = batch.eventStart[row]; at < batch.eventStart[row + 1]; at++) {
        us += batch.eventGapUs[at];
        if (isOutput(batch.eventKind[at])) times.push(us / 1000);
      }
      outputs.set(batch.index[row], times);
    }
  }
  return new Map(rows.map((row) => [names[row.index], { ...row, outputMs: outputs.get(row.index)! }]));
}

const names = [...Object.keys(ways.chat), ...Object.keys(ways.text)];

beforeAll(async () => {
  server = createServer({ noDelay: true }, (request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  ws = workspace();
  const rows = names.map((name) => JSON.stringify({ question: `v=${name}` }));
  writeFileSync(join(ws.dir, 'rows.jsonl'), rows.join('\n'));
  writeFileSync(join(ws.dir, 'one.jsonl'), '{"question":"v=plain"}\n');
  const common = { host_port: port, batch_size: 12, retry: 0, max_out_len: 16, model: "'m'" };
  editModel(ws, 'vllm_api_stream_chat', { ...common, abbr: "'chat'" });
  editModel(ws, 'vllm_api_general_stream', { ...common, abbr: "'text'" });
  const data = '--custom-dataset-path rows.jsonl --mode perf --num-warmups 0';
  fine = await run(`--models vllm_api_stream_chat vllm_api_general_stream ${data}`, ws.dir);
  folder = ws.lastRun();
  const strict = `'http://127.0.0.1:${port}/strict/'`;
  editModel(ws, 'vllm_api_stream_chat', { abbr: "'refused'", url: strict });
  editModel(ws, 'vllm_api_general_chat', {
    ...common,
    abbr: "'renamed'",
    url: strict,
    stream: true,
    top_k: 'undefined, max_completion_tokens: 5, stream_options: null',
  });
  const one = '--custom-dataset-path one.jsonl --mode perf --num-warmups 1';
  refused = await run(`--models vllm_api_stream_chat vllm_api_general_chat ${one}`, ws.dir);
});
afterAll(() => {
  server.close();
  ws.remove();
});

/** Both ends round to 1 µs, each by its own clock. */
const ROUNDING_MS = 0.5;

describe.each(['chat', 'text'] as const)('%s', (way) => {
  let records: Awaited<ReturnType<typeof recordsOf>>;
  beforeAll(async () => {
    expect(fine.code, fine.stdout + fine.stderr).toBe(0);
    records = await recordsOf(way);
  });

  it.each(Object.keys(ways[way]))('%s: text, counts and times', (name) => {
    const wanted = ways[way][name];
    const record = records.get(name)!;
    expect(record).toMatchObject({ outcome: 'ok', finish_reason: wanted.finish });
    expect(record.prediction === wanted.text, record.prediction.slice(0, 200)).toBe(true);
    if (wanted.source) expect(record.token_source).toBe(wanted.source);
    if (wanted.inTokens !== undefined) expect(record.input_tokens).toBe(wanted.inTokens);
    if (wanted.outTokens !== undefined) expect(record.output_tokens).toBe(wanted.outTokens);
    // What was asked for is no count.
    expect(record.output_tokens).not.toBe(16);
    // Nothing is heard before it is written, be it the role, a comment or a part of the event.
    const service = written.get(`${way} ${name}`)!;
    const heard = record.outputMs;
    if (name in several) expect(heard.length).toBe(wanted.outputs);
    else expect(heard.length).toBe(service.length);
    expect(heard[0]).toBeGreaterThan(service[0] - ROUNDING_MS);
    expect(heard.at(-1)).toBeGreaterThan(service.at(-1)! - ROUNDING_MS);
  });

  it('TTFT and E2EL of the results are the first and the last output of each request', () => {
    const results = join(folder, 'performances', way);
    const file = readdirSync(results).find((name) => name.endsWith('_summary.json'))!;
    const { per_request } = readJson<{ per_request: Record<string, Record<string, number>> }>(
      join(results, file),
    );
    const heard = [...records.values()].map(({ outputMs }) => outputMs);
    const [first, last] = [heard.map((ms) => ms[0]), heard.map((ms) => ms.at(-1)!)];
    for (const [metric, times] of Object.entries({ TTFT: first, E2EL: last })) {
      const { n, Max, Average } = per_request[metric];
      expect(n).toBe(heard.length);
      expect(Max * 1000).toBeCloseTo(Math.max(...times), 2);
      expect(Average * 1000).toBeCloseTo(times.reduce((sum, ms) => sum + ms) / n, 2);
    }
  });
});

describe('a service that refuses fields', () => {
  it('is asked with max_completion_tokens alone and without stream_options when the options say so', () => {
    const summary = join(ws.lastRun(), 'performances/renamed/one_summary.json');
    expect(readJson<{ outcomes: Record<string, number> }>(summary).outcomes.ok).toBe(1);
  });

  it('is quoted where it refuses', () => {
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('HTTP 400');
    expect(refused.stdout + refused.stderr).toContain(refusals.max_tokens);
  });
});
