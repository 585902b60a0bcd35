/** Conversations against the simulated service: every turn arrives, after the one before it, with the history it should have. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readRun, type StoredRun } from '../../src/store/store.ts';
import {
  addConfig,
  editModel,
  readJson,
  run,
  type SimProcess,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';

const MODEL = 'vllm_api_stream_chat_multiturn';
const OUT = 5;
const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(' ');
/** Words of each question and of each recorded reply. */
const CONVERSATIONS: [number, number][][] = [
  [[3, 20]],
  [
    [4, 30],
    [2, 10],
    [7, 1],
  ],
  [
    [10, 2],
    [1, 2],
  ],
  [
    [6, 11],
    [5, 12],
    [4, 13],
    [3, 14],
  ],
];
const TURNS = CONVERSATIONS.flat().length;

type Mode = 'every' | 'every_with_gt' | 'last';

/** Prompt tokens of each turn that is to be sent, by conversation. */
function promptTokens(mode: Mode): number[][] {
  const all = CONVERSATIONS.map((pairs) => {
    let history = 0;
    return pairs.map(([question, reply]) => {
      const tokens = history + question;
      history = tokens + (mode === 'every' ? OUT : reply);
      return tokens;
    });
  });
  return mode === 'last' ? all.map((tokens) => tokens.slice(-1)) : all;
}

interface Row {
  index: number;
  turn: number;
  attempt: number;
  due: number;
  sent: number;
  end: number;
  inTokens: number;
  outTokens: number;
  outcome: number;
  worker: number;
}

function rowsOf(stored: StoredRun): Row[] {
  const rows: Row[] = [];
  for (const b of stored.batches()) {
    for (let at = 0; at < b.rows; at++) {
      rows.push({
        index: b.index[at],
        turn: b.turn[at],
        attempt: b.attempt[at],
        due: b.due[at],
        sent: b.sent[at],
        end: b.end[at],
        inTokens: b.inTokens[at],
        outTokens: b.outTokens[at],
        outcome: b.outcome[at],
        worker: b.worker[at],
      });
    }
  }
  return rows.sort((a, b) => a.index - b.index || a.turn - b.turn || a.attempt - b.attempt);
}

let sim: SimProcess;
let ws: Workspace;
afterEach(async () => {
  await sim?.stop();
  ws?.remove();
});

async function prepare(
  mode: Mode,
  service: Record<string, unknown> = {},
  model: Record<string, string | number | boolean> = {},
): Promise<void> {
  sim = await startSim({ speed: 20, wordTokens: true, ...service });
  ws = workspace();
  const chats = CONVERSATIONS.map((pairs, at) => ({
    id: `chat_${at}`,
    conversations: pairs.flatMap(([question, reply]) => [
      { from: 'human', value: words(question) },
      { from: 'gpt', value: words(reply) },
    ]),
  }));
  // Passed over: an answer without a question.
  chats.splice(1, 0, { id: 'odd', conversations: [{ from: 'gpt', value: 'continue' }] });
  writeFileSync(join(ws.dir, 'chats.json'), JSON.stringify(chats));
  addConfig(
    ws,
    'datasets/chats.ts',
    `import { defineDatasets } from 'ais-bench';
export const datasets = defineDatasets([{ abbr: 'chats', type: 'sharegpt', path: 'chats.json', infer_mode: '${mode}' }]);
`,
  );
  editModel(ws, MODEL, { abbr: "'it'", host_port: sim.port, max_out_len: OUT, batch_size: 3, ...model });
}

const perf = (more = '') =>
  run(`--models ${MODEL} --datasets chats --mode perf --num-warmups 0 ${more}`, ws.dir);
const folder = () => join(ws.lastRun(), 'performances/it');
const stored = async () => rowsOf(await readRun(folder(), 'chats'));

interface Details {
  index: number;
  turn_id: number;
  id: number;
  input: { role: string; content: string }[];
  prediction: string | null;
}
const details = () =>
  readFileSync(join(folder(), 'chats_details.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Details);

interface SummaryFile {
  common: Record<string, { value: number }>;
  outcomes: { ok: number };
}

describe.each<[Mode, string, boolean]>([
  ['every', '', true],
  ['every', '--workers 2 --no-keep-text', true],
  ['every', '', false],
  ['every_with_gt', '--workers 2', true],
  ['last', '', true],
])('infer_mode %s %s, streaming %s', (mode, flags, stream) => {
  it('sends every turn once, in order, with its history', async () => {
    await prepare(mode, {}, { stream });
    const r = await perf(flags);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    const expected = promptTokens(mode);
    const rows = await stored();
    expect(rows.map((row) => [row.index, row.turn, row.inTokens])).toEqual(
      expected.flatMap((tokens, index) => tokens.map((count, turn) => [index, turn, count])),
    );
    for (const [at, row] of rows.entries()) {
      expect(row.outTokens).toBe(OUT);
      if (row.turn === 0) continue;
      expect(row.due).toBe(rows[at - 1].end);
      expect(row.sent).toBeGreaterThanOrEqual(row.due);
      expect(row.worker).toBe(rows[at - 1].worker);
    }
    const { requests } = await sim.truth();
    const sorted = (numbers: number[]) => numbers.sort((a, b) => a - b);
    expect(sorted(requests.map((t) => t.promptTokens))).toEqual(sorted(expected.flat()));
    const { common, outcomes } = readJson<SummaryFile>(join(folder(), 'chats_summary.json'));
    expect(outcomes.ok).toBe(expected.flat().length);
    expect(common['Total Requests'].value).toBe(expected.flat().length);
    expect(common['Total generated tokens'].value).toBe(OUT * expected.flat().length);
  });
});

it('the details hold what each turn asked', async () => {
  await prepare('every');
  expect((await perf()).code).toBe(0);
  const rows = details();
  const third = rows.find((row) => row.index === 1 && row.turn_id === 2)!;
  const answer = (turn: number) => rows.find((row) => row.index === 1 && row.turn_id === turn)!.prediction;
  expect(third.input).toEqual([
    { role: 'user', content: words(4) },
    { role: 'assistant', content: answer(0) },
    { role: 'user', content: words(2) },
    { role: 'assistant', content: answer(1) },
    { role: 'user', content: words(7) },
  ]);
});

it('a turn that fails ends its conversation, and the run says how many turns were not sent', async () => {
  // One at a time, so that request 2 is the second turn of conversation 1.
  await prepare('every', { faults: [{ kind: 'http-error', indices: [2], status: 500 }] }, { batch_size: 1 });
  const r = await perf();
  const rows = await stored();
  expect(rows.filter((row) => row.index === 1).map((row) => [row.turn, row.outcome === 0])).toEqual([
    [0, true],
    [1, false],
  ]);
  expect(rows).toHaveLength(TURNS - 1);
  expect(r.stdout + r.stderr).toContain(`1 of ${TURNS} turns were not sent`);
});

it('a turn that is tried again goes on with its conversation', async () => {
  await prepare(
    'every',
    { faults: [{ kind: 'http-error', indices: [2], status: 503 }] },
    { batch_size: 1, retry: 1 },
  );
  expect((await perf()).code).toBe(0);
  const rows = (await stored()).filter((row) => row.index === 1);
  expect(rows.map((row) => [row.turn, row.attempt, row.inTokens])).toEqual([
    [0, 0, 4],
    [1, 0, 0xffff_ffff],
    [1, 1, 4 + OUT + 2],
    [2, 0, 4 + OUT + 2 + OUT + 7],
  ]);
  expect(rows[2].due).toBe(rows[1].due);
});

it('a pressure run repeats the conversations and sends no turn after its time', async () => {
  await prepare('every');
  const r = await perf('--pressure --pressure-time 2 --hold 0');
  expect(r.code, r.stdout + r.stderr).toBe(0);
  const rows = await stored();
  expect(Math.max(...rows.map((row) => row.index))).toBeGreaterThan(CONVERSATIONS.length);
  expect(Math.max(...rows.map((row) => row.due))).toBeLessThanOrEqual(2000);
  const expected = promptTokens('every');
  for (const row of rows) expect(row.inTokens).toBe(expected[row.index % expected.length][row.turn]);
});
