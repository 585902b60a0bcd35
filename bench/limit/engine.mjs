// Drives the load engine alone, through its public entry. Same options and same JSON line as client.c, and:
//   --workers N --verify --rate R (constant gaps, open loop) --journal DIR (records as the tool does)
//   --url URL --ca FILE (a service over TLS)
//   --stamps FILE (every token's stamp, in the layout of the service's truth file, written after the run)
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isOutput } from '../../src/core/records.ts';
import { startLoad } from '../../src/load/pool.ts';
import { createStore } from '../../src/store/store.ts';

const { values: o } = parseArgs({
  options: {
    port: { type: 'string' },
    connections: { type: 'string', default: '64' },
    requests: { type: 'string', default: '1000' },
    'max-tokens': { type: 'string', default: '128' },
    'body-bytes': { type: 'string', default: '128' },
    workers: { type: 'string', default: '1' },
    rate: { type: 'string' },
    journal: { type: 'string' },
    stamps: { type: 'string' },
    stagger: { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
    url: { type: 'string' },
    ca: { type: 'string' },
  },
});
const requests = Number(o.requests);
const limit = Number(o.connections);

/** With --stagger the first wave is shortened, so that streams neither start nor end together from then on. */
function lengthOf(index) {
  const full = Number(o['max-tokens']);
  return o.stagger && index < limit ? 1 + Math.floor((index * full) / limit) : full;
}

function encodedBodies() {
  const filler = 'x'.repeat(Number(o['body-bytes']));
  const bodies = Array.from({ length: requests }, (_, i) =>
    Buffer.from(
      JSON.stringify({
        stream: true,
        messages: [{ role: 'user', content: `#R${String(i).padStart(8, '0')} ${filler}` }],
        stream_options: { include_usage: true },
        max_tokens: lengthOf(i),
        model: 'bench',
      }),
    ),
  );
  const bytes = new SharedArrayBuffer(bodies.reduce((sum, b) => sum + b.length, 0));
  const offsets = new SharedArrayBuffer((requests + 1) * 8);
  const all = new Uint8Array(bytes);
  const starts = new Float64Array(offsets);
  bodies.forEach((b, i) => {
    all.set(b, starts[i]);
    starts[i + 1] = starts[i] + b.length;
  });
  return { count: requests, bytes, offsets };
}

/** @type {import('../../src/core/plan.ts').ScheduleSpec} */
const schedule =
  o.rate === undefined
    ? { kind: 'closed', requests, limit }
    : { kind: 'rate', requests, limit, requestsPerS: Number(o.rate), burstiness: 0, seed: 1 };

/** @type {import('../../src/core/plan.ts').Plan} */
const plan = {
  seed: 1,
  target: {
    protocol: 'openai_chat',
    url: o.url ?? `http://127.0.0.1:${o.port}/`,
    model: 'bench',
    stream: true,
    maxOutTokens: Number(o['max-tokens']),
    generation: {},
    apiKey: '',
    ...(o.ca !== undefined && { ca: readFileSync(o.ca, 'utf8') }),
  },
  path: 'v1/chat/completions',
  headers: {},
  schedule,
  bodies: encodedBodies(),
  warmups: 0,
  holdMs: 0,
  retries: 0,
  timeouts: { connectMs: 10_000, silenceMs: 60_000, stallMs: 60_000, totalMs: null },
  maxErrorPct: 100,
  graceMs: null,
  keepText: false,
  verify: o.verify,
};

/** The journal is thrown away unread, so that more need not be told of the run. */
const runInfo = /** @type {unknown} */ ({
  format: 1,
  modelAbbr: 'bench',
  datasetAbbr: `bench-${process.pid}`,
});
const store =
  o.journal === undefined
    ? null
    : createStore(o.journal, /** @type {import('../../src/core/run.ts').RunInfo} */ (runInfo));
const batches = [];
const cpuS = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
let cpu = 0;
const load = startLoad(plan, {
  workers: Number(o.workers),
  workerUrl: new URL('./worker.mjs', import.meta.url),
  onBatch(batch) {
    store?.append(batch);
    batches.push(batch);
  },
  onStart() {
    cpu = cpuS();
  },
});
const result = await load.done;
if (store !== null) {
  await store.end(result.end);
  rmSync(store.files.journal);
}
cpu = cpuS() - cpu;
const rssKb = process.resourceUsage().maxRSS;

const sendLatenessMs = [];
let tokens = 0;
let events = 0;
let failed = 0;
let firstSent = Number.POSITIVE_INFINITY;
for (const batch of batches) {
  events += batch.eventStart[batch.rows];
  for (let i = 0; i < batch.eventStart[batch.rows]; i++) if (isOutput(batch.eventKind[i])) tokens++;
  for (let row = 0; row < batch.rows; row++) {
    if (batch.outcome[row] !== 0) failed++;
    firstSent = Math.min(firstSent, batch.sent[row]);
    sendLatenessMs.push(batch.sent[row] - batch.due[row]);
  }
}
if (o.stamps !== undefined) writeStamps(o.stamps);
const late = Float64Array.from(sendLatenessMs).sort();
const at = (q) => (late.length === 0 ? -1 : late[Math.min(late.length - 1, Math.floor(q * late.length))]);
const { health } = result.end;
const sum = (key) => health.reduce((total, h) => total + h[key], 0);
process.stdout.write(
  `${JSON.stringify({
    requests: late.length,
    failed,
    tokens,
    events,
    reads: sum('reads'),
    merged_reads: sum('coalescedReads'),
    wall_s: (result.end.endMs - firstSent) / 1000,
    cpu_s: cpu,
    send_late_p50_ms: at(0.5),
    send_late_p99_ms: at(0.99),
    send_late_max_ms: at(1),
    utilization: Math.max(...health.map((h) => h.utilization)),
    rss_kb: rssKb,
  })}\n`,
);

/** Per record: u32 request, u32 tokens, u64 sent ns, then one u64 ns of the machine's monotonic clock a token. */
function writeStamps(path) {
  const { epochNs } = load;
  if (epochNs === null) throw new Error('the run has not started');
  const fd = openSync(path, 'w');
  for (const batch of batches) {
    for (let row = 0; row < batch.rows; row++) {
      const stamps = [];
      let us = 0;
      for (let i = batch.eventStart[row]; i < batch.eventStart[row + 1]; i++) {
        us += batch.eventGapUs[i];
        if (isOutput(batch.eventKind[i])) stamps.push(batch.sent[row] * 1000 + us);
      }
      const record = Buffer.alloc(16 + stamps.length * 8);
      record.writeUInt32LE(batch.index[row], 0);
      record.writeUInt32LE(stamps.length, 4);
      const ns = (runUs) => epochNs + BigInt(Math.round(runUs * 1000));
      record.writeBigUInt64LE(ns(batch.sent[row] * 1000), 8);
      stamps.forEach((s, i) => {
        record.writeBigUInt64LE(ns(s), 16 + i * 8);
      });
      writeSync(fd, record);
    }
  }
  closeSync(fd);
}
