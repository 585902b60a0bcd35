import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promptOfTurn, turnsOf } from '../core/prompts/conversation.ts';
import { batchOf } from '../core/records.ts';
import { conversationSample } from './conversation-turns.ts';
import type { LoadContext } from './dataset.ts';
import { loadSamples } from './registry.ts';
import { createPromptLog } from './text/prompt-log.ts';
import { embeddedTokenizer } from './text/tokenizer.ts';

const pairs = [
  { question: 'q0', answer: 'a0' },
  { question: 'q1', answer: 'a1' },
  { question: 'q2', answer: 'a2' },
];
const user = (content: string) => ({ role: 'user', content });
const model = (content: string) => ({ role: 'assistant', content });

describe('the prompt of a turn', () => {
  it.each([
    ['every' as const, [[user('q0')], [user('q0'), model('said0'), user('q1')]]],
    ['every_with_gt' as const, [[user('q0')], [user('q0'), model('a0'), user('q1')]]],
    ['last' as const, [[user('q0'), model('a0'), user('q1'), model('a1'), user('q2')]]],
  ])('%s', (mode, expected) => {
    const sample = conversationSample('7', pairs, mode);
    expect(turnsOf(sample)).toBe(mode === 'last' ? 1 : 3);
    expect(sample.answer).toBe('a2');
    for (const [turn, prompt] of expected.entries())
      expect(promptOfTurn(sample, turn, ['said0', 'said1'])).toEqual(prompt);
  });
});

describe('the log of prompts', () => {
  const samples = [conversationSample('0', pairs, 'every'), conversationSample('1', pairs, 'every_with_gt')];
  const batch = batchOf([
    { index: 2, turn: 0, sent: 0, end: 1, events: [], note: { text: 'yes' } },
    { index: 2, turn: 1, sent: 1, end: 2, events: [], outcome: 'http', note: { text: 'cut' } },
    // Reasoning alone, so there is nothing to repeat.
    { index: 2, turn: 1, attempt: 1, sent: 2, end: 3, events: [], note: { reasoning: 'hm' } },
  ]);

  it('tells what each turn held, from the answers that went well', () => {
    const log = createPromptLog(samples, true);
    log.read(batch);
    expect(log.promptOf(2, 2)).toEqual([user('q0'), model('yes'), user('q1'), model(''), user('q2')]);
  });

  it('knows nothing of answers that were not kept', () => {
    const log = createPromptLog(samples, false);
    expect(log.promptOf(2, 0)).toEqual([user('q0')]);
    expect(log.promptOf(2, 1)).toBeUndefined();
    expect(log.promptOf(3, 1)).toEqual([user('q0'), model('a0'), user('q1')]);
  });
});

describe('conversations from files', () => {
  let folder: string;
  let context: LoadContext;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'conversations-'));
    context = { cwd: folder, cacheDir: '', seed: 1, tokenizer: await embeddedTokenizer(), maxOutTokens: 9 };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const load = (type: 'sharegpt' | 'mtbench', text: string, options = {}) => {
    writeFileSync(join(folder, 'data'), text);
    return loadSamples(type, { path: 'data', ...options }, '', context);
  };
  const chat = (...speakers: string[]) => ({
    id: 'x',
    conversations: speakers.map((from, at) => ({ from, value: `${from}${at}` })),
  });
  const chats = [
    chat('gpt', 'human'),
    chat('human', 'gpt'),
    chat('human', 'gpt', 'human'),
    chat('human', 'gpt', 'human', 'gpt'),
  ];

  it('ShareGPT: pairs that begin with the user; other conversations are passed over', async () => {
    const samples = await load('sharegpt', JSON.stringify(chats));
    expect(samples.map(({ id, prompt, followUps, answer }) => [id, prompt, followUps, answer])).toEqual([
      ['1', [user('human0')], [], 'gpt1'],
      ['3', [user('human0')], [{ prompt: 'human2' }], 'gpt3'],
    ]);
  });

  it('ShareGPT: an order that the seed fixes', async () => {
    const many = JSON.stringify(Array.from({ length: 50 }, () => chat('human', 'gpt')));
    const ids = async () =>
      (await load('sharegpt', many, { disable_shuffle: false })).map(({ id }) => Number(id));
    const first = await ids();
    expect(await ids()).toEqual(first);
    expect(first).not.toEqual(first.toSorted((a, b) => a - b));
    expect(new Set(first).size).toBe(50);
  });

  it.each([
    ['{}', 'instead of a list'],
    ['[', 'is not JSON'],
    ['[{"conversations": [{"from": "human", "value": 3}]}]', 'at [0][conversations][0][value]'],
    [JSON.stringify([chat('gpt', 'human')]), 'holds no conversation'],
  ])('ShareGPT: %s is refused', async (text, message) => {
    await expect(load('sharegpt', text)).rejects.toThrow(message);
  });

  it('MT-Bench: the prompts of a row are its turns, with references where there are any', async () => {
    const rows = [
      { question_id: 81, prompt: ['p0', 'p1'], reference: ['r0', 'r1'] },
      { question_id: 82, turns: ['p0', 'p1'] },
    ];
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    const samples = await load('mtbench', text, { infer_mode: 'every_with_gt' });
    expect(samples.map(({ followUps, answer }) => [followUps, answer])).toEqual([
      [[{ answer: 'r0', prompt: 'p1' }], 'r1'],
      [[{ answer: '', prompt: 'p1' }], ''],
    ]);
  });

  it.each([
    ['{"prompt": []}', 'data:1: the row has no usable "prompt"'],
    ['{"prompt": ["p"], "reference": "r"}', 'unusable "reference"'],
  ])('MT-Bench: %s is refused', async (text, message) => {
    await expect(load('mtbench', text)).rejects.toThrow(message);
  });
});
