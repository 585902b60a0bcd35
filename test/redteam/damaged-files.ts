/**
 * Damaged files: every file that a command reads is damaged in many ways, and read. Whatever was done to it, the records
 * are those that were written, or the reader says that they are not: no silent change, no crash, no reading without end.
 */

import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { UserError } from '../../src/core/errors.ts';
import { batchOf, type PlainRecord, type RecordBatch } from '../../src/core/records.ts';
import type { RunEnd, RunInfo } from '../../src/core/run.ts';
import { aisbench } from '../../src/imports/aisbench.ts';
import type { ImportedRun } from '../../src/imports/imported.ts';
import { vllmBench } from '../../src/imports/vllm-bench.ts';
import { createH5Reader } from '../../src/store/h5-thread.ts';
import { createStore, type ReadH5, readRun, type StoredRun } from '../../src/store/store.ts';
import { type Damage, damages, numbersFrom } from './damages.ts';

export interface DamagedFiles {
  tried: number;
  survived: number;
  /** What was done to which file, and what came of it. */
  failures: string[];
  /** How many of them ended with the records as written, and how many with word of the damage. */
  same: number;
  told: number;
  /** Logs of other tools have no checksum: damage that leaves a well-formed log cannot be known. */
  unknowable: number;
}

/** What a reader made of a file: a digest of the records, or that it spoke of damage. */
interface Records {
  digest: string;
  told: boolean;
}
type Reading = Records | 'refused';

interface Subject {
  name: string;
  /** The file to be damaged, and another one of its kind. */
  file: string;
  other: string;
  /** For a file without a checksum of its own, damage that leaves it well formed cannot be known. */
  hasChecksum: boolean;
  read(): Promise<Reading>;
}

/** A reader that takes longer has hung. */
const MAX_READ_MS = 60_000;
/** Far more than a whole file takes, also where the machine has much else to do. */
const STEP_MS = 10_000;
const fixtures = resolve(import.meta.dirname, '../fixtures/imports');

/** Damages files `count` times, in turn; the same `seed` does the same. */
export async function damagedFiles(count: number, seed: number): Promise<DamagedFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'damaged-files-'));
  try {
    const subjects = await makeSubjects(folder);
    const wholes = new Map<Subject, { bytes: Buffer; reading: Records }>();
    for (const subject of subjects) {
      const reading = await subject.read();
      if (reading === 'refused') throw new Error(`the whole file of ${subject.name} was refused`);
      wholes.set(subject, { bytes: readFileSync(subject.file), reading });
    }
    const next = numbersFrom(seed);
    const result: DamagedFiles = { tried: 0, survived: 0, failures: [], same: 0, told: 0, unknowable: 0 };
    for (let i = 0; i < count; i++) {
      const subject = subjects[i % subjects.length];
      const damage = damages[Math.floor(i / subjects.length) % damages.length];
      const whole = wholes.get(subject)!;
      await tryOne(subject, damage, { ...whole, next, result });
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Trial {
  bytes: Buffer;
  reading: Records;
  next: (below: number) => number;
  result: DamagedFiles;
}

async function tryOne(
  subject: Subject,
  damage: Damage,
  { bytes, reading, next, result }: Trial,
): Promise<void> {
  const damaged = damage.apply(bytes, { next, other: readFileSync(subject.other) });
  writeFileSync(subject.file, damaged);
  result.tried++;
  const outcome = await judged(subject, reading);
  if (outcome === 'same' || outcome === 'told' || outcome === 'unknowable') {
    result[outcome]++;
    result.survived++;
  } else {
    result.failures.push(`${subject.name}, ${damage.name} (${result.tried}): ${outcome}`);
  }
  writeFileSync(subject.file, bytes);
}

async function judged(subject: Subject, whole: Records): Promise<string> {
  let reading: Reading | 'hang';
  try {
    reading = await Promise.race([subject.read(), after(MAX_READ_MS, 'hang' as const, { ref: false })]);
  } catch (error) {
    return `crashed: ${(error as Error).message}`;
  }
  if (reading === 'hang') return 'took too long';
  if (reading === 'refused') return 'told';
  if (reading.digest === whole.digest) return 'same';
  if (reading.told) return 'told';
  return subject.hasChecksum ? 'other records, and not a word' : 'unknowable';
}

async function makeSubjects(folder: string): Promise<Subject[]> {
  const readH5 = createH5Reader(await builtWorker(folder), STEP_MS);
  const [h5, other] = [join(folder, 'h5'), join(folder, 'other')];
  await record(h5, 'set', 40, true);
  await record(other, 'another', 24, true);
  const journal = join(folder, 'journal');
  await record(journal, 'set', 40, false);
  await record(join(folder, 'other-journal'), 'another', 24, false);
  const stored: Subject[] = [
    {
      name: 'h5',
      file: join(h5, 'p/m/set_details.h5'),
      other: join(other, 'p/m/another_details.h5'),
      hasChecksum: true,
      read: () => readStored(h5, readH5),
    },
    {
      name: 'journal',
      file: join(journal, 'p/m/set.journal'),
      other: join(folder, 'other-journal/p/m/another.journal'),
      hasChecksum: true,
      read: () => readStored(journal, readH5),
    },
    {
      name: 'jsonl beside the h5',
      file: join(h5, 'p/m/set_details.jsonl'),
      other: join(other, 'p/m/another_details.jsonl'),
      hasChecksum: true,
      read: () => readStored(h5, readH5),
    },
  ];
  return [...stored, earlierH5(folder, readH5), ...importSubjects(folder)];
}

/** Without a checksum: every reading says so. */
function earlierH5(folder: string, readH5: ReadH5): Subject {
  const run = join(folder, 'earlier');
  const file = join(run, 'p/m/set_details.h5');
  mkdirSync(join(run, 'p/m'), { recursive: true });
  copyFileSync(join(fixtures, '../runs/before-cached-tokens.h5'), file);
  return {
    name: 'h5 of version 0.1.0',
    file,
    other: join(folder, 'other/p/m/another_details.h5'),
    hasChecksum: true,
    read: () => readStored(run, readH5),
  };
}

function importSubjects(folder: string): Subject[] {
  const vllm = join(folder, 'vllm.json');
  copyFileSync(join(fixtures, 'vllm-detailed.json'), vllm);
  const run = join(folder, 'aisbench');
  cpSync(join(fixtures, 'aisbench'), run, { recursive: true });
  const model = join(run, 'performances/vllm-api-stream-chat');
  const subject = (name: string, file: string, read: () => Promise<ImportedRun[]>): Subject => ({
    name,
    file,
    other: file,
    hasChecksum: false,
    read: () => readImport(read),
  });
  return [
    subject('result of vllm bench', vllm, () => vllmBench.read(vllm)),
    subject('details of AISBench', join(model, 'demo_details.jsonl'), () => aisbench.read(run)),
    subject('time points of AISBench', join(model, 'db_data/0123abcd.db'), () => aisbench.read(run)),
  ];
}

async function readStored(folder: string, readH5: ReadH5): Promise<Reading> {
  return orRefused(async () => {
    const run = await readRun(join(folder, 'p/m'), 'set', readH5);
    const told = run.lost !== null || run.end === null || run.doubts.length > 0;
    return { digest: digestOf(run), told };
  });
}

async function readImport(read: () => Promise<ImportedRun[]>): Promise<Reading> {
  return orRefused(async () => ({
    digest: createHash('sha256')
      .update(JSON.stringify(await read()))
      .digest('hex'),
    told: false,
  }));
}

async function orRefused(read: () => Promise<Reading>): Promise<Reading> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) return 'refused';
    throw error;
  }
}

/** Of everything that a figure could be made of. */
function digestOf(run: StoredRun): string {
  const hash = createHash('sha256').update(JSON.stringify([run.info, run.end, run.rows, run.events]));
  for (const batch of run.batches()) {
    for (const [name, values] of Object.entries(batch)) {
      hash.update(name).update(ArrayBuffer.isView(values) ? bytesOf(values) : JSON.stringify(values));
    }
  }
  return hash.digest('hex');
}

const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** The thread runs JavaScript, so it is built for this. */
async function builtWorker(folder: string): Promise<URL> {
  // Beside node_modules, where the thread finds the HDF5 library.
  const outfile = resolve(import.meta.dirname, '../../node_modules/.cache', `h5-worker-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [resolve(import.meta.dirname, '../../src/store/h5-worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['h5wasm'],
    logLevel: 'error',
  });
  return pathToFileURL(outfile);
}

async function record(
  folder: string,
  datasetAbbr: string,
  batches: number,
  isFinalized: boolean,
): Promise<void> {
  const info = { ...someInfo, datasetAbbr };
  const store = createStore(join(folder, 'p/m'), info);
  for (let n = 0; n < batches; n++) store.append(batchNumber(n));
  await store.end(someEnd);
  if (isFinalized) await store.finalize();
  else await store.close().catch(() => undefined);
}

function batchNumber(n: number): RecordBatch {
  return batchOf(
    Array.from({ length: 8 }, (_, i): PlainRecord => {
      const sent = 100 * n + 7 * i;
      return {
        index: 8 * n + i,
        sent,
        end: sent + 90 + i,
        inTokens: 100 + i,
        outTokens: 12,
        outcome: i === 7 ? 'http' : 'ok',
        events: Array.from({ length: 12 }, (_, e) => [sent + 10 + 6.5 * e + ((n * i) % 5), 'text']),
        note: i === 7 ? { cause: `HTTP 50${n % 4}` } : { finishReason: 'stop' },
      };
    }),
  );
}

const someInfo: RunInfo = {
  format: 1,
  tool: { name: 'ais-bench', version: '0.0.0' },
  host: { node: 'v20', platform: 'linux', cpu: 'any', cores: 2, memoryBytes: 1 },
  startedAtUnixMs: 1_750_000_000_123.5,
  modelAbbr: 'm',
  datasetAbbr: 'set',
  protocol: 'openai-chat',
  stream: true,
  url: 'http://127.0.0.1:8080/',
  model: 'm',
  batchSize: 8,
  workers: 1,
  schedule: { kind: 'closed', requests: 320, limit: 8 },
  plannedRequests: 320,
  samples: 320,
  seed: 1,
  tokenizer: 'none',
  warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
  config: {},
};

const someEnd: RunEnd = {
  endMs: 4200.5,
  lastIssueMs: 4000.25,
  issued: 320,
  interrupted: false,
  slotsOpened: 8,
  health: [],
};
