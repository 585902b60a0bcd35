/** Made-up runs for the plot: a closed loop with a ramp, seeded, with the steady stage worked out naively. */
import { seededRandom } from '../../src/core/random.ts';
import { OUTCOME } from '../../src/core/records.ts';
import type { RunEnd, RunInfo } from '../../src/core/run.ts';
import type { SteadySummary } from '../../src/core/steady.ts';
import type { Interval, Summary, Timeline } from '../../src/core/summary.ts';

export interface RunShape {
  requests: number;
  concurrency: number;
  /** Slots opened per second; `Infinity`: all at once. */
  rampPerS?: number;
  meanSeconds?: number;
  /** Share of attempts that fail. */
  failures?: number;
  cancelledAtEnd?: boolean;
  stream?: boolean;
  stage?: 'total' | 'stable';
  /** What the search for the plateau found. */
  plateau?: SteadySummary;
  seed?: number;
}

export interface MadeRun {
  summary: Summary;
  info: RunInfo;
  end: RunEnd;
}

export function makeRun(shape: RunShape): MadeRun {
  const { requests, concurrency, stream = true, stage = 'stable' } = shape;
  const timeline = makeTimeline(shape);
  const level = levels(timeline);
  const outcomes = { ok: 0, http: 0, timeout: 0, network: 0, protocol: 0, cancelled: 0 };
  const names = Object.keys(outcomes) as (keyof typeof outcomes)[];
  for (const code of timeline.outcome) outcomes[names[code]]++;
  const window = stage === 'stable' && requests > 0 ? steadyStage(timeline, level) : null;
  return {
    summary: {
      stage,
      summarizer: stage === 'stable' ? 'stable_stage' : 'default_perf',
      rule: 'document',
      definitions: 'product',
      profile: 'default',
      statsList: [],
      window,
      noWindow: window || stage === 'total' ? null : noWindow(level.max),
      perRequest: [],
      common: [],
      fromDue: [],
      outcomes,
      tokenSources: {},
      maxLevel: level.max,
      meanLevel: null,
      notes: [],
      clientHealth: null,
      timeline,
      steady: shape.plateau ?? null,
    },
    info: runInfo(concurrency, requests, stream),
    end: {
      endMs: timeline.endMs.reduce((a, b) => Math.max(a, b), 0),
      lastIssueMs: timeline.sentMs.at(-1) ?? 0,
      issued: requests,
      interrupted: false,
      slotsOpened: concurrency,
      health: [],
    },
  };
}

function makeTimeline(shape: RunShape): Timeline {
  const { requests: n, concurrency, rampPerS = Number.POSITIVE_INFINITY, meanSeconds = 6 } = shape;
  const { failures = 0, stream = true, seed = 7 } = shape;
  const random = seededRandom(seed, 'plot');
  const slots = Array.from({ length: concurrency }, (_, slot) => (slot / rampPerS) * 1000 + slot * 0.4);
  const t = emptyTimeline(n);
  for (let i = 0; i < n; i++) {
    let slot = 0;
    for (let s = 1; s < slots.length; s++) if (slots[s] < slots[slot]) slot = s;
    const sent = slots[slot] + 0.05 + random.next() * 0.1;
    const waited = 90 + 260 * random.gamma(2) * (i < concurrency ? 3.2 : 1);
    const tokens = Math.max(2, Math.round(240 * random.gamma(5) * 0.2));
    const decode = meanSeconds * 1000 * (tokens / 240) * (0.92 + 0.16 * random.next());
    const failed = random.next() < failures;
    const cut = failed && random.next() < 0.4;
    t.index[i] = i;
    t.sentMs[i] = sent;
    t.inTokens[i] = 1400 + random.int(0, 200);
    t.outTokens[i] = failed ? 0 : tokens;
    if (stream && (!failed || cut)) t.firstTokenMs[i] = sent + waited;
    if (stream && (!failed || cut)) t.lastTokenMs[i] = sent + waited + decode * (cut ? 0.4 : 1);
    t.endMs[i] = failed && !cut ? sent + waited * 0.7 : sent + waited + decode * (cut ? 0.4 : 1) + 0.35;
    if (failed) t.outcome[i] = cut ? OUTCOME.protocol : OUTCOME.http;
    slots[slot] = t.endMs[i];
  }
  if (shape.cancelledAtEnd) cancelFrom(t, t.sentMs[n - 1]);
  return t;
}

/** Whatever still runs at `ms` is cut off there. */
function cancelFrom(t: Timeline, ms: number): void {
  for (let i = 0; i < t.count; i++) {
    if (t.endMs[i] <= ms + 1) continue;
    t.endMs[i] = ms + 1;
    t.outcome[i] = OUTCOME.cancelled;
    if (t.firstTokenMs[i] > ms) t.firstTokenMs[i] = Number.NaN;
    t.lastTokenMs[i] = Math.min(t.lastTokenMs[i], ms);
  }
}

function emptyTimeline(n: number): Timeline {
  return {
    count: n,
    index: new Uint32Array(n),
    attempt: new Uint16Array(n),
    sentMs: new Float64Array(n),
    firstTokenMs: new Float64Array(n).fill(Number.NaN),
    lastTokenMs: new Float64Array(n).fill(Number.NaN),
    endMs: new Float64Array(n),
    outcome: new Uint8Array(n),
    inTokens: new Uint32Array(n),
    outTokens: new Uint32Array(n),
  };
}

function levels(t: Timeline) {
  const events: [number, number][] = [];
  for (let i = 0; i < t.count; i++) events.push([t.sentMs[i], 1], [t.endMs[i], -1]);
  events.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let level = 0;
  const steps = events.map(([at, change]) => {
    level += change;
    return { at, level };
  });
  return { steps, max: steps.reduce((most, s) => Math.max(most, s.level), 0) };
}

function steadyStage(t: Timeline, { steps, max }: ReturnType<typeof levels>): Interval | null {
  const first = steps.findIndex((s) => s.level === max);
  const last = steps.findLastIndex((s) => s.level === max);
  const t1Ms = steps[first].at;
  const t2Ms = t.sentMs.find((sent) => sent > t1Ms);
  const t4Ms = steps[last + 1].at;
  return t2Ms === undefined ? null : { startMs: t2Ms, endMs: t4Ms, t1Ms, t2Ms, t4Ms };
}

function noWindow(highestLevel: number) {
  return {
    reason: 'nothing was sent after the highest level was reached.',
    highestLevel,
    highestAtMs: 0,
    hints: [],
  };
}

function runInfo(concurrency: number, requests: number, stream: boolean): RunInfo {
  return {
    format: 1,
    tool: { name: 'ais_bench', version: '0.1.0' },
    host: { node: 'v20.19.0', platform: 'linux', cpu: '', cores: 2, memoryBytes: 0 },
    startedAtUnixMs: Date.UTC(2026, 2, 14, 9, 26, 53),
    modelAbbr: 'vllm-api-stream-chat',
    datasetAbbr: 'gsm8kdataset',
    protocol: 'openai-chat',
    stream,
    url: 'http://user:secret@127.0.0.1:8080/v1/?key=secret',
    model: 'Qwen3-8B',
    batchSize: concurrency,
    workers: 2,
    schedule: { kind: 'closed', requests, limit: concurrency },
    plannedRequests: requests,
    samples: requests,
    seed: 1,
    tokenizer: '',
    warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
    config: null,
  };
}

/** Ten batches of 1 s, 1000 tokens/s with a window from 2 to 9 s, and what was cut before and after. */
export function makePlateau(): SteadySummary {
  const atMs = Array.from({ length: 10 }, (_, i) => 500 + 1000 * i);
  return {
    window: { startMs: 2000, endMs: 9000, cycleMs: 1000, cycles: 7 },
    noWindow: '',
    loop: 'closed',
    cuts: [
      { fromMs: 0, toMs: 2000, why: 'throughput had not settled' },
      { fromMs: 9000, toMs: 10_000, why: 'the load ended' },
    ],
    rates: [
      {
        name: 'Output Token Throughput',
        stat: 'Mean',
        unit: 'tokens/s',
        value: 1000,
        atLeast: false,
        low: null,
        high: null,
        refused: '',
        n: null,
        effectiveN: null,
        document: null,
      },
    ],
    latencies: [],
    why: '',
    meanWaiting: null,
    meanDecoding: null,
    littleResidual: null,
    drifts: [],
    synchrony: null,
    tokenTimes: 'events',
    series: {
      bins: { fromMs: 0, widthMs: 1000, tokensPerS: Array.from({ length: 10 }, () => 1000) },
      atMs,
      tokensPerS: atMs.map(() => 1000),
      level: [],
      itlS: [],
      ttftS: [],
    },
    checks: [],
    verdict: { throughput: 'steady', latency: 'steady' },
  };
}
