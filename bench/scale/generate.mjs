// Writes the run folder of a run that never took place: R requests of T output tokens in a closed loop of C slots,
// through the product's own store. Gaps are lognormal and drawn once; each request takes another stretch of them.
// Prints one JSON line: { folder, form, requests, events, write_s, finalize_s, bytes }.
//
//   generate --work-dir DIR --requests R --tokens T [--slots C] [--form h5|journal]
import { readdirSync, statSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/core/random.ts';
import { emptyBatch, KIND, tokenSources } from '../../src/core/records.ts';
import { createRunFolder, modelFolder } from '../../src/store/run-folder.ts';
import { createStore } from '../../src/store/store.ts';

const EVENTS_PER_BATCH = 1_000_000;
const POOL = 1 << 20;
const GAP_US = { median: 20_000, sigma: 0.35 };
const TTFT_US = { median: 180_000, sigma: 0.6 };
const PROMPT_TOKENS = 4096;
const MODEL = 'scale';
const SEED = 1;

const { values } = parseArgs({
  options: {
    'work-dir': { type: 'string' },
    requests: { type: 'string' },
    tokens: { type: 'string' },
    slots: { type: 'string', default: '1000' },
    form: { type: 'string', default: 'h5' },
  },
});
const requests = Number(values.requests);
const tokens = Number(values.tokens);
const slots = Math.min(Number(values.slots), requests);

const random = seededRandom(SEED, 'scale');
const lognormal = ({ median, sigma }) => Math.round(median * Math.exp(sigma * random.normal()));
// Twice as long as it is wide, so that a stretch never has to wrap.
const gaps = new Uint32Array(POOL + tokens);
for (let i = 0; i < POOL; i++) gaps[i] = lognormal(GAP_US);
gaps.copyWithin(POOL, 0, tokens);

/** Earliest moment at which a slot is free: a binary heap, as slots differ little but all the time. */
const freeAt = new Float64Array(slots);

function replaceEarliest(value) {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= slots) break;
    if (child + 1 < slots && freeAt[child + 1] < freeAt[child]) child++;
    if (freeAt[child] >= value) break;
    freeAt[at] = freeAt[child];
    at = child;
  }
  freeAt[at] = value;
}

let endMs = 0;

function fillBatch(first, rows) {
  const batch = emptyBatch(rows, rows * (tokens + 2));
  batch.worker.fill(0);
  batch.status.fill(200);
  batch.tokenSource.fill(tokenSources.indexOf('usage'));
  batch.inTokens.fill(PROMPT_TOKENS);
  batch.outTokens.fill(tokens);
  batch.eventKind.fill(KIND.text);
  for (let row = 0; row < rows; row++) {
    const from = row * (tokens + 2);
    const start = Math.floor(random.next() * POOL);
    batch.eventGapUs.set(gaps.subarray(start, start + tokens), from);
    batch.eventGapUs[from] = lognormal(TTFT_US);
    // The usage event and the end mark come with the last token.
    batch.eventGapUs[from + tokens] = 3;
    batch.eventGapUs[from + tokens + 1] = 1;
    batch.eventKind[from + tokens] = KIND.usage;
    batch.eventKind[from + tokens + 1] = KIND.done;
    batch.eventStart[row + 1] = from + tokens + 2;
    let us = 0;
    for (let i = from; i < from + tokens + 2; i++) us += batch.eventGapUs[i];
    const sent = freeAt[0] + 0.05;
    batch.index[row] = first + row;
    batch.due[row] = freeAt[0];
    batch.sent[row] = sent;
    batch.firstByte[row] = sent + batch.eventGapUs[from] / 1000;
    batch.end[row] = sent + us / 1000;
    endMs = Math.max(endMs, batch.end[row]);
    replaceEarliest(batch.end[row]);
  }
  return batch;
}

/** @returns {import('../../src/core/run.ts').RunInfo} */
function infoOf(datasetAbbr) {
  return {
    format: 1,
    tool: { name: 'ais_bench', version: 'generated' },
    host: {
      node: process.version,
      platform: process.platform,
      cpu: cpus()[0]?.model ?? '',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    startedAtUnixMs: Date.UTC(2026, 0, 1),
    modelAbbr: MODEL,
    datasetAbbr,
    protocol: 'openai_chat',
    stream: true,
    url: 'http://localhost:8080/',
    model: 'generated',
    batchSize: slots,
    workers: 1,
    schedule: { kind: 'closed', requests, limit: slots },
    plannedRequests: requests,
    samples: requests,
    seed: SEED,
    tokenizer: 'none',
    warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
    config: {},
  };
}

const datasetAbbr = `${requests}x${tokens}`;
const run = createRunFolder(values['work-dir'] ?? 'outputs', new Date());
const folder = modelFolder(run, MODEL);
const store = createStore(folder, infoOf(datasetAbbr));
const rowsPerBatch = Math.max(1, Math.floor(EVENTS_PER_BATCH / (tokens + 2)));
const started = performance.now();
for (let first = 0; first < requests; first += rowsPerBatch) {
  store.append(fillBatch(first, Math.min(rowsPerBatch, requests - first)));
  await store.drained();
}
const end = {
  endMs,
  lastIssueMs: Math.min(...freeAt),
  issued: requests,
  interrupted: false,
  slotsOpened: slots,
  health: [],
};
// Without an end it is the journal of a run that was killed: what perf_viz then reads is the journal itself.
if (values.form === 'h5') await store.end(end);
else await store.close();
const written = performance.now();
if (values.form === 'h5') await store.finalize({ inputOf: () => '', idOf: (index) => String(index) });
const finalized = performance.now();
const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
process.stdout.write(
  `${JSON.stringify({
    folder: run,
    form: values.form,
    requests,
    events: requests * (tokens + 2),
    write_s: (written - started) / 1000,
    finalize_s: (finalized - written) / 1000,
    bytes,
  })}\n`,
);
