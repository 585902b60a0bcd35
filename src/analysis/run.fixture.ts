/** Recorded runs made of plain records, for tests. */
import { batchOf, type PlainRecord } from '../core/records.ts';
import type { RecordedRun, RunEnd, RunInfo } from '../core/run.ts';
import type { SummarizeOptions } from './summarize.ts';

export const summarizeOptions: SummarizeOptions = {
  summarizer: 'default_perf',
  window: 'total',
  rule: 'document',
  definitions: 'product',
  profile: 'default',
  statsList: ['Average', 'Max'],
};

export const info: RunInfo = {
  format: 1,
  tool: { name: 'ais-bench', version: '0.1.0' },
  host: { node: 'v20.20.2', platform: 'linux x64', cpu: 'test', cores: 2, memoryBytes: 8e9 },
  startedAtUnixMs: 1_750_000_000_000,
  modelAbbr: 'vllm-api-stream-chat',
  datasetAbbr: 'demo_gsm8k',
  protocol: 'openai-chat',
  stream: true,
  url: 'http://localhost:8080/',
  model: 'm',
  batchSize: 2,
  workers: 1,
  schedule: { kind: 'closed', requests: 6, limit: 2 },
  plannedRequests: 6,
  samples: 6,
  seed: 0,
  tokenizer: 'embedded o200k_base',
  warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
  config: {},
};

export const runEnd: RunEnd = {
  endMs: 0,
  lastIssueMs: 0,
  issued: 0,
  interrupted: false,
  slotsOpened: 1e6,
  health: [],
};

/** A run whose batches hold `rowsPerBatch` records each. */
export function runOf(
  records: readonly PlainRecord[],
  overrides: Partial<RunInfo> = {},
  rowsPerBatch = Math.max(1, records.length),
  end: RunEnd | null = runEnd,
): RecordedRun {
  return {
    info: { ...info, ...overrides },
    end,
    *batches() {
      for (let at = 0; at < records.length; at += rowsPerBatch) {
        yield batchOf(records.slice(at, at + rowsPerBatch));
      }
    },
  };
}

/** A streamed success: time points in seconds as in the original's log (sent, then one event each). */
export function streamed(index: number, points: number[], outTokens: number, inTokens: number): PlainRecord {
  const [sent, ...events] = points.map((s) => Math.round(s * 1e6) / 1000);
  return {
    index,
    sent,
    end: events[events.length - 1],
    inTokens,
    outTokens,
    events: events.map((ms) => [ms, 'text']),
  };
}

/** A success of one token from `startS` to `endS`. */
export function spanning(index: number, startS: number, endS: number): PlainRecord {
  return streamed(index, [startS, endS], 1, 1);
}

/** The six requests of the worked example that was computed with the original's own code, batch_size 2. */
export const workedExample: PlainRecord[] = [
  streamed(0, [10, 10.2, 10.3, 10.5], 3, 100),
  streamed(1, [10.1, 10.4, 10.5, 10.6, 10.9], 4, 50),
  streamed(2, [10.55, 10.7, 10.9], 2, 80),
  streamed(3, [10.95, 11, 11.1, 11.3], 3, 120),
  streamed(4, [11, 11.3], 1, 10),
  streamed(5, [11.35, 11.5, 11.6, 11.9], 3, 60),
];
