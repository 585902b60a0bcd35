/** `--cache` against a service with a prefix cache: what it may find is what was said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TruthRequest } from '../../src/sim/truth.ts';
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

const MODEL = 'vllm_api_general_stream';
const ROWS = 20;
const BLOCK = 16;
const fixed = (value: number) => ({ Method: 'uniform', Params: { MinValue: value, MaxValue: value } });
const synthetic = (abbr: string, more: object) => `
import { defineDatasets } from 'ais-bench';
export const datasets = defineDatasets([${JSON.stringify({ abbr, type: 'synthetic', RequestCount: ROWS, ...more })}]);
`;

interface Summary {
  run: { cache: { policy: string; salt: string; repeats: string } };
  steady: { checks: { name: string; result: string; found: string }[] };
}

let sim: SimProcess;
let ws: Workspace;

function prepare(into: Workspace) {
  editModel(into, MODEL, { abbr: "'m'", host_port: sim.port, max_out_len: 4, batch_size: 4 });
  addConfig(
    into,
    'datasets/own/plain.ts',
    synthetic('plain', { Type: 'string', StringConfig: { Input: fixed(96), Output: fixed(4) } }),
  );
  addConfig(
    into,
    'datasets/own/prefixed.ts',
    synthetic('prefixed', { Type: 'tokenid', TokenIdConfig: { RequestSize: 96, PrefixLen: 64 } }),
  );
}

beforeAll(async () => {
  sim = await startSim({ wordTokens: true, prefixBlockTokens: BLOCK, reportCachedTokens: true, speed: 2 });
  ws = workspace();
  prepare(ws);
});

afterAll(async () => {
  await sim?.stop();
  ws?.remove();
});

/** A run, and what the service heard of it. */
async function sent(dataset: string, more: string, from: Workspace = ws) {
  const before = (await sim.truth()).requests.length;
  const finished = await run(`--models ${MODEL} --datasets ${dataset} --mode perf ${more}`, from.dir);
  expect(finished.code, finished.stdout + finished.stderr).toBe(0);
  const { requests } = await sim.truth();
  const results = join(from.lastRun(), 'performances/m');
  const inputs = readFileSync(join(results, `${dataset}_details.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).input as string);
  const summary = readJson<Summary>(join(results, `${dataset}_summary.json`));
  return {
    heard: requests.slice(before),
    inputs,
    cache: summary.run.cache,
    check: summary.steady.checks.find(({ name }) => name === 'cache_share'),
    screen: finished.stdout + finished.stderr,
  };
}

const cachedOf = (heard: readonly TruthRequest[]) => heard.map(({ cachedTokens }) => cachedTokens);
const zeros = (count: number) => Array(count).fill(0);

describe('fresh, the default of synthetic data', () => {
  it('is new to the cache in every pass and in every run, and as long as before', async () => {
    for (const seed of ['--seed 5', '--seed 5', '']) {
      const { heard, inputs, cache, check } = await sent(
        'plain',
        `--pressure --pressure-time 2 --ramp staggered ${seed}`,
      );
      expect(heard.length).toBeGreaterThan(2 * ROWS);
      expect(cachedOf(heard)).toEqual(zeros(heard.length));
      expect(new Set(heard.map(({ promptTokens }) => promptTokens))).toEqual(new Set([96]));
      expect(new Set(inputs).size).toBe(inputs.length);
      expect(cache.policy).toBe('fresh');
      expect(check).toMatchObject({ result: 'ok', found: expect.stringContaining('fresh: 0.0 %') });
    }
  });

  it('sends the same bytes for a seed in an empty work dir, others when it is repeated, and those of a recorded salt', async () => {
    const other = workspace();
    prepare(other);
    try {
      const first = await sent('plain', '--seed 7', other);
      const second = await sent('plain', '--seed 7', other);
      const recalled = await sent('plain', `--seed 7 --cache-salt ${first.cache.salt}`, other);
      const here = await sent('plain', '--seed 7');
      const sorted = ({ inputs }: { inputs: string[] }) => [...inputs].sort();
      expect(sorted(recalled)).toEqual(sorted(first));
      expect(first.cache.salt).toBe('seed-7');
      expect(here.cache.salt).toBe('seed-7');
      expect(sorted(here)).toEqual(sorted(first));
      expect(second.inputs.filter((input) => first.inputs.includes(input))).toEqual([]);
      expect(second.screen).toContain('Use --cache-salt seed-7 to repeat the earlier bytes');
      // What only differs in its salt is the same data.
      const tail = (input: string) => input.split(' ').slice(8).join(' ');
      expect(second.inputs.map(tail).sort()).toEqual(first.inputs.map(tail).sort());
    } finally {
      other.remove();
    }
  });

  it('leaves a prefix that was asked for, which primed sends before the run', async () => {
    const fresh = await sent('prefixed', '--num-warmups 0');
    expect(Math.min(...cachedOf(fresh.heard))).toBe(0);
    expect(Math.max(...cachedOf(fresh.heard))).toBe(64);
    const primed = await sent('prefixed', '--num-warmups 0 --cache primed --seed 3');
    // The first request is what primes.
    expect(primed.heard).toHaveLength(ROWS + 1);
    expect(primed.heard[0]).toMatchObject({ promptTokens: 64, outputTokens: 1 });
    expect(cachedOf(primed.heard.slice(1))).toEqual(Array(ROWS).fill(64));
    expect(primed.check?.found ?? '').not.toContain('came from a cache; ');
  });
});

describe('as-is', () => {
  it('finds no measured row in the cache that a warm-up or a filler brought there, and says what was repeated', async () => {
    const pressure = '--cache as-is --pressure --pressure-time 2 --ramp staggered --seed 11';
    const first = await sent('plain', pressure);
    expect(first.screen).toContain('--cache as-is: the run repeats its 20 rows after all have been sent');
    const warmups = first.heard.length - first.inputs.length;
    expect(cachedOf(first.heard.slice(0, warmups))).toEqual(zeros(warmups));
    const known = first.heard.filter(({ cachedTokens }) => cachedTokens > 0);
    // Each of the rows was new once.
    expect(first.heard.length - known.length - warmups).toBe(ROWS);
    expect(first.check).toMatchObject({
      result: 'reservation',
      found: expect.stringMatching(
        /as-is: \d+\.\d % of the prompt tokens came from a cache; its 20 rows were sent more than once/,
      ),
    });
    const second = await sent('plain', '--cache as-is --seed 11');
    expect(second.screen).toContain('sent the same rows to this service');
    expect(second.cache.repeats).toMatch(/^\d{8}_\d{6}/);
    expect(cachedOf(second.heard).filter((tokens) => tokens === 80)).toHaveLength(ROWS);
  });
});
