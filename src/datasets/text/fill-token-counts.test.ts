import { expect, it } from 'vitest';
import {
  batchOf,
  type EventKind,
  type PlainRecord,
  tokenSources,
  UNKNOWN_TOKENS,
} from '../../core/records.ts';
import { fillTokenCounts } from './fill-token-counts.ts';
import type { TokenCounter } from './tokenizer.ts';

function wordCounter(): TokenCounter & { prompts: number } {
  const counter = {
    name: 'words',
    source: 'tokenizer' as const,
    prompts: 0,
    count: (text: string) => text.split(' ').filter((word) => word !== '').length,
    countPrompt: (prompt: unknown) => {
      counter.prompts++;
      return counter.count(String(prompt));
    },
  };
  return counter;
}
const samples = [
  { id: 'a', prompt: 'one two three' },
  { id: 'b', prompt: 'one' },
];
const record = (index: number, kinds: EventKind[], more: Partial<PlainRecord> = {}): PlainRecord => ({
  index,
  sent: 0,
  end: 9,
  events: kinds.map((kind, i) => [i + 1, kind]),
  ...more,
});

it('fills what is unknown and says where each output count came from', () => {
  const batch = batchOf([
    record(0, ['role', 'text', 'text'], { inTokens: 50, outTokens: 60 }),
    record(1, ['role', 'text', 'done'], { outTokens: 60 }),
    record(2, ['text', 'text'], { note: { text: 'a b c d' } }),
    record(3, ['reasoning', 'text', 'tool', 'tool'], { inTokens: 8, note: { reasoning: 'r r', text: 't' } }),
    record(4, ['role', 'text', 'text', 'usage', 'done']),
    record(5, ['text'], { outcome: 'timeout', note: { text: 'cut' } }),
  ]);
  const before = structuredClone(batch);
  const filled = fillTokenCounts(batch, samples, wordCounter());
  expect([...filled.inTokens]).toEqual([50, 1, 3, 8, 3, UNKNOWN_TOKENS]);
  expect([...filled.outTokens]).toEqual([60, 60, 4, 5, 2, UNKNOWN_TOKENS]);
  expect([...filled.tokenSource].map((code) => tokenSources[code])).toEqual([
    'usage',
    'usage',
    'tokenizer',
    'tokenizer',
    'none',
    'unknown',
  ]);
  expect(batch).toEqual(before);
  expect(filled.eventGapUs).toBe(batch.eventGapUs);
});

it('counts each prompt once over all batches that share a map', () => {
  const counter = wordCounter();
  const known = new Map<number, number>();
  for (let i = 0; i < 3; i++) {
    fillTokenCounts(
      batchOf([record(0, ['text']), record(1, ['text']), record(2, ['text'])]),
      samples,
      counter,
      { promptTokens: known },
    );
  }
  expect(counter.prompts).toBe(2);
});

it('gives back the batch itself when the service reported everything', () => {
  const batch = batchOf([record(0, ['text'], { inTokens: 1, outTokens: 1 })]);
  expect(fillTokenCounts(batch, samples, wordCounter())).toBe(batch);
});

it('estimates no more than the limit, and the limit itself for an answer that ended for its length', () => {
  const events = ['text', 'text', 'text'].map((kind, at) => [at + 1, kind] as [number, 'text']);
  const rows = ['stop', 'length', 'stop'].map((finishReason, index) => ({
    index,
    sent: 0,
    end: 9,
    inTokens: 1,
    events,
    note: { finishReason },
  }));
  const three = ['a', 'b', 'c'].map((id) => ({ id, prompt: id }));
  const limits = [2, 9, 9];
  const limitOf = ({ id }: { id: string }) => limits[three.findIndex((sample) => sample.id === id)];
  const filled = fillTokenCounts(batchOf(rows), three, wordCounter(), { limitOf });
  expect([...filled.outTokens]).toEqual([2, 9, 3]);
});
