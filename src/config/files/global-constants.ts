/** Settings that hold for all tasks: `global_consts` of a config folder, and the environment, which wins. */
import { join } from 'node:path';
import { z } from 'zod';
import { checkSource, shown } from '../issue-text.ts';
import type { Loading } from '../loading.ts';
import { ENVIRONMENT, type Findings } from '../mistakes.ts';
import type { RunConfig } from '../run-config.ts';
import { configRoots, existingFile } from './find-config.ts';
import { loadFiles } from './load-files.ts';

export interface GlobalConstants {
  workers: number;
  requestTimeoutMs: number | null;
  logLevel: RunConfig['logLevel'];
}

const FILE_NAME = 'global_consts';
const NO_CHUNK_SIZE = 'MAX_CHUNK_SIZE is ignored: a response may arrive in pieces of any size';

/** Constants that the original had once, and where their values go now. */
const movedConstants: Record<string, string> = {
  PRESSURE_TIME: 'give --pressure-time',
  CONNECTION_ADD_RATE: 'set request_rate in the model task',
};

/** Names that other tools use for the four levels. */
const levelNames: Record<string, RunConfig['logLevel']> = {
  TRACE: 'DEBUG',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  WARN: 'WARNING',
  WARNING: 'WARNING',
  ERROR: 'ERROR',
  CRITICAL: 'ERROR',
  FATAL: 'ERROR',
};

function numberFrom(min: number, max: number, what: string, whole: boolean) {
  const message = `expected ${what} from ${min} to ${max}`;
  const number = (whole ? z.int(message) : z.number(message)).min(min, message).max(max, message);
  // The environment holds texts only; one that is no number stays as it is, to be shown.
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\s*[+-]?\d/.test(value) ? Number(value) : value),
    number,
  );
}

/** '' and `None` are the original's ways to write "not set". */
function unsetOr<T extends z.ZodType>(schema: T) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' && /^(none|null)?$/i.test(value.trim()) ? null : value),
      schema.nullable(),
    )
    .optional();
}

export const constants = z.strictObject({
  WORKERS_NUM: unsetOr(numberFrom(0, 1024, 'a whole number of worker threads (0: automatic)', true)).describe(
    'Number of sending threads; 0: one per 500 streams, leaving one core free. `--workers` takes precedence.',
  ),
  REQUEST_TIME_OUT: unsetOr(numberFrom(0, 86_400, 'seconds, or null for no limit,', false)).describe(
    'Maximum seconds for a whole response; 0 or null: no limit. A connection that takes longer than 10 s to open and a stream that is silent for 10 minutes always fail.',
  ),
  MAX_CHUNK_SIZE: z
    .unknown()
    .optional()
    .describe('Accepted but ignored: a response may come in pieces of any size.'),
  LOG_LEVEL: unsetOr(
    z.preprocess(
      (value) => (typeof value === 'string' ? (levelNames[value.trim().toUpperCase()] ?? value) : value),
      z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR']),
    ),
  ).describe('Lowest severity of log lines to write; `--debug` means DEBUG.'),
});
type Constants = z.output<typeof constants>;

/** Reads both; what is wrong in them goes to `loading`. */
export async function readGlobalConstants(loading: Loading): Promise<GlobalConstants> {
  const { env } = loading;
  const fromFile = await readFile(loading);
  const named = Object.keys(constants.shape).filter((name) => env[name] !== undefined);
  const fromEnv = check(Object.fromEntries(named.map((name) => [name, env[name]])), ENVIRONMENT, loading);
  const all = { ...fromFile, ...fromEnv };
  if (all.MAX_CHUNK_SIZE !== undefined) loading.warnings.push(NO_CHUNK_SIZE);
  const timeoutS = all.REQUEST_TIME_OUT ?? 0;
  return {
    workers: all.WORKERS_NUM ?? 0,
    requestTimeoutMs: timeoutS === 0 ? null : timeoutS * 1000,
    logLevel: all.LOG_LEVEL ?? 'INFO',
  };
}

async function readFile(loading: Loading): Promise<Constants> {
  const files = configRoots(loading).map((root) => existingFile(join(root, FILE_NAME)));
  const found = files.find((f) => f !== null);
  const [loaded] = await loadFiles(found ? [found] : [], loading);
  if (!loaded) return {};
  // A file may hold helpers of its own; constants are those in capitals.
  const capitals = Object.entries(loaded.values).filter(([name]) => /^[A-Z][A-Z_]*$/.test(name));
  for (const [name, value] of capitals) {
    if (!Object.hasOwn(movedConstants, name)) continue;
    const problem = `is no longer supported; remove it and ${movedConstants[name]} (${shown(value, [])})`;
    loading.mistakes.push({ file: loaded.file, path: name, problem });
  }
  const current = capitals.filter(([name]) => !Object.hasOwn(movedConstants, name));
  return check(Object.fromEntries(current), loaded.file, loading);
}

function check(values: Record<string, unknown>, file: string, findings: Findings): Constants {
  return checkSource(constants, { file, path: '', value: values }, findings) ?? {};
}
