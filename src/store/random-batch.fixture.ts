/** Random runs for the property tests of the store. */
import fc from 'fast-check';
import {
  batchOf,
  type EventKind,
  KIND,
  MAX_EVENT_TOKENS,
  outcomes,
  type PlainRecord,
  type RecordBatch,
} from '../core/records.ts';
import type { RunEnd, RunInfo } from '../core/run.ts';

const kinds = Object.keys(KIND) as EventKind[];
const us = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const record: fc.Arbitrary<PlainRecord> = fc
  .record({
    index: fc.nat(2 ** 32 - 1),
    attempt: fc.nat(3),
    turn: fc.nat(65535),
    worker: fc.nat(64),
    due: fc.double({ min: 0, max: 1e8, noNaN: true }),
    sent: fc.nat(1e8),
    end: fc.double({ min: 0, max: 1e9, noNaN: true }),
    outcome: fc.constantFrom(...outcomes),
    status: fc.constantFrom(0, 200, 429, 599),
    inTokens: optional(fc.nat(1e6)),
    outTokens: optional(fc.nat(1e6)),
    cachedTokens: optional(fc.nat(1e6)),
    note: optional(
      fc.record(
        {
          cause: text,
          errorBody: text,
          contentType: text,
          contentEncoding: text,
          location: text,
          retryAfterS: fc.nat(),
          finishReason: text,
          responseId: text,
          text,
        },
        { requiredKeys: [] },
      ),
    ),
    gaps: fc.array(fc.tuple(fc.oneof(us, fc.nat(50_000)), fc.constantFrom(...kinds)), { maxLength: 40 }),
    tokens: optional(fc.nat(MAX_EVENT_TOKENS)),
  })
  .map(({ gaps, tokens, ...r }) => {
    let atUs = 0;
    const events = gaps.map(([gap, kind]): [number, EventKind] => {
      atUs += gap;
      return [r.sent + atUs / 1000, kind];
    });
    const told = tokens !== undefined && {
      eventTokens: gaps.map((_, at) => (tokens + at) % MAX_EVENT_TOKENS),
    };
    return { ...r, events, ...told };
  });

/** Any batch, the empty one included; times and gaps over their whole range. */
export const anyBatch = batchUpTo(12);

export function batchUpTo(rows: number): fc.Arbitrary<RecordBatch> {
  const records = fc.array(record, { maxLength: rows });
  return fc
    .tuple(records, fc.boolean())
    .map(([list, tellsTokens]) => batchOf(tellsTokens ? list : list.map(({ eventTokens: _, ...r }) => r)));
}

export const anyRun: fc.Arbitrary<RecordBatch[]> = fc.array(anyBatch, { maxLength: 6 });

export const someInfo: RunInfo = {
  format: 1,
  tool: { name: 'ais-bench', version: '0.0.0' },
  host: { node: 'v20', platform: 'linux', cpu: 'any', cores: 2, memoryBytes: 1 },
  startedAtUnixMs: 1_750_000_000_123.5,
  modelAbbr: 'vllm-api-stream-chat',
  datasetAbbr: 'gsm8k',
  protocol: 'openai-chat',
  stream: true,
  url: 'http://127.0.0.1:8080/',
  model: '模型',
  batchSize: 8,
  workers: 1,
  schedule: { kind: 'closed', requests: 8, limit: 8 },
  plannedRequests: 8,
  samples: 8,
  seed: 1,
  tokenizer: 'embedded o200k_base',
  warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
  config: { models: [{ abbr: 'vllm-api-stream-chat' }] },
};

export const someEnd: RunEnd = {
  endMs: 1234.5,
  lastIssueMs: 1000.25,
  issued: 8,
  interrupted: false,
  slotsOpened: 8,
  health: [],
};
