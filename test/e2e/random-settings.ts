/** Random runs: what a service does wrong, how the load is shaped, and how the run ends. A seed always gives the same ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/core/random.ts';
import { type FaultKind, type FaultSpec, faultKinds } from '../../src/sim/faults.ts';

type Ending = 'by itself' | 'error rate' | 'SIGINT' | 'SIGTERM' | 'SIGKILL';

export interface Setting {
  /** Everything that was drawn, for the message of a test that fails. */
  name: string;
  faults: FaultSpec[];
  shape: 'closed' | 'rate' | 'pressure' | 'timestamps';
  hasConversations: boolean;
  retry: number;
  workers: number;
  concurrency: number;
  cache: 'fresh' | 'primed' | 'as-is';
  holdS: number | null;
  isStaggered: boolean;
  ending: Ending;
  /** Rows of the data set. */
  rows: number;
  /** Requests of each row when all of them go well. */
  turns: number;
}

const ENDINGS: readonly Ending[] = ['by itself', 'by itself', 'error rate', 'SIGINT', 'SIGTERM', 'SIGKILL'];
const PRESSURE_S = 1;
/** For a run that something else ends. */
const LONG_PRESSURE_S = 60;
const TURNS = 3;

export function drawSetting(seed: number, number: number): Setting {
  const random = seededRandom(seed, `setting:${number}`);
  const pick = <T>(list: readonly T[]): T => list[random.int(0, list.length - 1)];
  // Every shape and every ending comes up, however few settings are drawn.
  const shape = (['closed', 'rate', 'pressure', 'timestamps'] as const)[number % 4];
  const ending = number % 3 === 2 ? pick(ENDINGS.slice(2)) : 'by itself';
  const hasConversations = shape !== 'timestamps' && random.next() < 0.3;
  const isLong = ending !== 'by itself';
  const drawn = {
    faults: drawFaults(pick, random.int(0, 3), ending),
    shape,
    hasConversations,
    retry: random.int(0, 3),
    workers: random.int(1, 3),
    concurrency: random.int(1, 12),
    cache: pick(['fresh', 'primed', 'as-is'] as const),
    holdS: shape === 'timestamps' ? null : pick([null, 0, 1]),
    isStaggered: shape === 'closed' && !isLong && random.next() < 0.3,
    ending,
    rows: isLong && shape !== 'pressure' ? 1500 : random.int(12, 40),
    turns: hasConversations ? TURNS : 1,
  };
  return { name: `seed ${seed}, setting ${number}: ${JSON.stringify(drawn)}`, ...drawn };
}

/** Those that go on for a while are kept short, so that a setting takes seconds. */
const SHORT: Partial<Record<FaultKind, Record<string, number>>> = {
  refuse: { forMs: 50 },
  stall: { forMs: 200 },
  'http-error': { status: 503 },
};

function drawFaults(pick: <T>(list: readonly T[]) => T, count: number, ending: Ending): FaultSpec[] {
  const kinds = Object.keys(faultKinds) as FaultKind[];
  const faults = Array.from({ length: count }, (): FaultSpec => {
    const kind = pick(kinds);
    return { kind, rate: pick([0.03, 0.1, 0.3]), ...SHORT[kind] };
  });
  // Enough of them to end the run.
  return ending === 'error rate' ? [...faults, { kind: 'cut', rate: 0.5 }] : faults;
}

/** Writes data and config of `setting` into `dir`; gives the arguments of its run. */
export function writeSetting(setting: Setting, dir: string, port: number): string[] {
  const { shape, hasConversations, rows, concurrency, retry } = setting;
  const dataset = hasConversations
    ? { abbr: 'set', type: 'sharegpt', path: 'chats.json', infer_mode: 'every' }
    : { abbr: 'set', type: 'custom', path: 'rows.jsonl' };
  const trace = { abbr: 'set', type: 'mooncake_trace', path: 'trace.jsonl' };
  const model = {
    type: 'VLLMCustomAPIChat',
    abbr: 'm',
    stream: true,
    host_ip: '127.0.0.1',
    host_port: port,
    model: 'sim-model',
    max_out_len: 6,
    batch_size: concurrency,
    retry,
    ...(shape === 'rate' && { request_rate: 60, traffic_cfg: { burstiness: 1 } }),
    ...(shape === 'pressure' && { request_rate: 40 }),
    use_timestamp: shape === 'timestamps',
    generation_kwargs: { ignore_eos: true },
  };
  const datasets = [shape === 'timestamps' ? trace : dataset];
  writeFileSync(
    join(dir, 'setting.ts'),
    `export const models = ${JSON.stringify([model])};\nexport const datasets = ${JSON.stringify(datasets)};\n`,
  );
  writeData(setting, dir, rows);
  return ['setting.ts', '--mode', 'perf', ...flagsOf(setting)];
}

function flagsOf({ shape, cache, workers, holdS, isStaggered, ending }: Setting): string[] {
  const seconds = ending === 'by itself' ? PRESSURE_S : LONG_PRESSURE_S;
  return [
    ...['--summarizer', 'default_perf', '--cache', cache, '--workers', String(workers), '--grace', '2'],
    ...(shape === 'pressure' ? ['--pressure', '--pressure-time', String(seconds)] : []),
    ...(holdS === null ? [] : ['--hold', String(holdS)]),
    ...(isStaggered ? ['--ramp', 'staggered', '--num-warmups', '2'] : ['--num-warmups', '0']),
    ...(ending === 'error rate' ? ['--max-error-rate', '10'] : []),
  ];
}

function writeData({ turns }: Setting, dir: string, rows: number): void {
  const each = <T>(make: (row: number) => T) => Array.from({ length: rows }, (_, row) => make(row));
  const lines = (of: object[]) => of.map((row) => JSON.stringify(row)).join('\n');
  writeFileSync(
    join(dir, 'rows.jsonl'),
    lines(each((row) => ({ question: `row ${row}`, max_tokens: 2 + (row % 7) }))),
  );
  writeFileSync(
    join(dir, 'trace.jsonl'),
    lines(
      each((row) => ({
        timestamp: row * 10,
        input_length: 5,
        output_length: 1 + (row % 5),
        hash_ids: [row],
      })),
    ),
  );
  const said = (row: number) =>
    Array.from({ length: turns }, (_, turn) => [
      { from: 'human', value: `row ${row}, turn ${turn}` },
      { from: 'gpt', value: 'an answer' },
    ]).flat();
  writeFileSync(
    join(dir, 'chats.json'),
    JSON.stringify(each((row) => ({ id: `chat ${row}`, conversations: said(row) }))),
  );
}
