/**
 * Two keys of `generation_kwargs` that are for this tool and are never sent: `num_return_sequences` asks
 * every row so many times, `lora_data_map_file` says which LoRA adapter shall answer which row.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, UserError } from '../core/errors.ts';
import type { Sample } from '../core/protocol.ts';

const REPEAT = 'num_return_sequences';
const ADAPTERS = 'lora_data_map_file';

type Generation = Readonly<Record<string, unknown>>;

/** The generation options that are for the service. */
export function sentOptions(generation: Generation): Record<string, unknown> {
  const { [REPEAT]: _repeat, [ADAPTERS]: _adapters, ...sent } = generation;
  return sent;
}

/**
 * The rows as they are to be sent: each with its adapter, and as often as asked, right after one another.
 * Throws a `UserError` that names the key, or the entry of the file, that cannot be used.
 */
export function expandRows(rows: readonly Sample[], generation: Generation, cwd: string): Sample[] {
  const times = repetitions(generation[REPEAT]);
  const adapters = adapterMap(generation[ADAPTERS], rows.length, cwd);
  return rows.flatMap((row, index) => {
    const adapter = adapters.get(index);
    const sample = adapter === undefined ? row : { ...row, adapter };
    return Array.from({ length: times }, () => sample);
  });
}

function repetitions(value: unknown): number {
  if (value === undefined || value === null) return 1;
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw wrong(REPEAT, `expected a whole number of at least 1, got ${JSON.stringify(value)}`);
}

/** Adapter by row, from a JSON object whose keys are row numbers, the first is 0. */
function adapterMap(path: unknown, rows: number, cwd: string): Map<number, string> {
  if (path === undefined || path === null || path === '') return new Map();
  if (typeof path !== 'string') throw wrong(ADAPTERS, `expected the path of a JSON file, got ${typeof path}`);
  const entries = Object.entries(readObject(resolve(cwd, path)));
  for (const [row, adapter] of entries) {
    if (!/^\d+$/.test(row) || Number(row) >= rows)
      throw wrong(
        ADAPTERS,
        `${path}: expected row numbers from 0 to ${rows - 1}, got ${JSON.stringify(row)}`,
      );
    if (typeof adapter !== 'string' || adapter === '')
      throw wrong(
        ADAPTERS,
        `${path}: expected the name of an adapter for row ${row}, got ${JSON.stringify(adapter)}`,
      );
  }
  return new Map(entries.map(([row, adapter]) => [Number(row), adapter as string]));
}

function readObject(file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw wrong(
      ADAPTERS,
      `${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrong(ADAPTERS, `${file}: expected an object like {"0": "adapter-name"}`);
}

function wrong(key: string, problem: string): UserError {
  return new UserError(EXIT.usage, `generation_kwargs.${key}: ${problem}`, {
    hint: `Correct ${key} in the model config, or leave it out.`,
  });
}
