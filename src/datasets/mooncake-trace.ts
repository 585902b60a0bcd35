/** Plug-in: a recorded request trace in Mooncake's format, with the arrival times and shared prefixes of real traffic. */
import { z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import type { Sample } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';
import type { DatasetType } from './dataset.ts';
import { parseJsonl, placesOf, readText, requiredFile } from './rows/data-file.ts';
import { BLOCK_TOKENS, readTraceRow, type TraceRow } from './rows/trace-row.ts';
import { type BlockWriter, blockWriter, type TextBlock } from './text/trace-text.ts';

const options = z.strictObject({
  path: z.string().min(1, 'expected the path of a .jsonl trace').describe('The .jsonl file.'),
  random_seed: z.int().nullable().default(null).describe("Fixes the prompts' text; null: the run's seed."),
  fixed_schedule_auto_offset: z.boolean().default(false).describe('The earliest timestamp becomes 0.'),
  fixed_schedule_start_offset: z
    .number()
    .min(0)
    .default(0)
    .describe('Rows before this time are left out, ms (after the shift, if there is one).'),
  fixed_schedule_end_offset: z
    .number()
    .min(-1)
    .default(-1)
    .describe('Rows after this time are left out, ms; -1: none.'),
  speed_factor: z
    .number()
    .positive()
    .default(1)
    .describe('Speed-up factor: timestamps are divided by it, after the offsets.'),
  generated_prompts_path: z
    .string()
    .default('')
    .describe('Accepted but ignored: prompts are written anew in seconds, by the tokenizer in use.'),
  model_path: z.string().optional().describe('Accepted but ignored: the model task names the tokenizer.'),
  trust_remote_code: z
    .boolean()
    .optional()
    .describe('Accepted but ignored: no code is ever loaded with a tokenizer.'),
});
type Options = z.output<typeof options>;

/**
 * One sample a row, in the order of their time stamps (rows without one last). Where rows share the first
 * `hash_ids`, their prompts share the first 512 tokens per id and nothing more, so that a service's prefix
 * cache meets what the recorded service's met.
 */
export const mooncakeTrace: DatasetType<Options, z.input<typeof options>> = {
  options,
  async load(config, context) {
    checkOffsets(config);
    const places = placesOf(config.path, context);
    const file = await requiredFile('the trace', places, HOW_TO_GET);
    const text = await readText(file);
    const rows = parseJsonl(text, file).map((row, index) => readTraceRow(row, index, file));
    if (rows.length === 0) return [];
    const picked = onSchedule(rows, config);
    if (picked.length === 0) throw noneLeft(file, rows.length, config);
    // Other traces get other texts: a service's cache may still hold the prompts of the task before.
    const random = seededRandom(config.random_seed ?? context.seed, text);
    return samplesOf(rows, picked, blockWriter(BLOCK_TOKENS, context.tokenizer, random), file);
  },
};

function checkOffsets({ fixed_schedule_start_offset: start, fixed_schedule_end_offset: end }: Options): void {
  if (end === -1 || start <= end) return;
  throw new UserError(
    EXIT.usage,
    `fixed_schedule_start_offset (${start}) is above fixed_schedule_end_offset (${end})`,
    { hint: 'Both are in ms of the trace; -1 as the end means up to the last row.' },
  );
}

/** Shifted, cut and sped up, then sorted; the sort keeps the file's order where time stamps are equal. */
function onSchedule(rows: readonly TraceRow[], config: Options): TraceRow[] {
  const { fixed_schedule_start_offset: start, fixed_schedule_end_offset: end } = config;
  const earliest = rows.reduce((least, { timestampMs: at }) => Math.min(least, at ?? least), Infinity);
  const shiftMs = config.fixed_schedule_auto_offset && earliest < Infinity ? earliest : 0;
  return rows
    .map((row) => (row.timestampMs === null ? row : { ...row, timestampMs: row.timestampMs - shiftMs }))
    .filter(({ timestampMs: at }) => at === null || (at >= start && (end === -1 || at <= end)))
    .map((row) =>
      row.timestampMs === null ? row : { ...row, timestampMs: row.timestampMs / config.speed_factor },
    )
    .sort(byTime);
}

function byTime(a: TraceRow, b: TraceRow): number {
  if (a.timestampMs === null || b.timestampMs === null) {
    return Number(a.timestampMs === null) - Number(b.timestampMs === null);
  }
  return a.timestampMs - b.timestampMs;
}

function samplesOf(
  all: readonly TraceRow[],
  picked: readonly TraceRow[],
  writer: BlockWriter,
  file: string,
): Sample[] {
  // Numbered over the whole file, so that a row has the same prompt however the file is cut.
  const blocks = numberBlocks(all, writer, file);
  return picked.map(({ index, text, timestampMs, maxOutTokens }) => {
    const own = blocks[index];
    return {
      id: String(index),
      // Written when asked for: all prompts of a trace at once can be gigabytes.
      get prompt() {
        return text ?? writer.write(own);
      },
      ...(text === null ? { promptTokens: own.reduce((sum, block) => sum + block.tokens, 0) } : {}),
      maxOutTokens,
      ...(timestampMs === null ? {} : { timestampMs }),
    };
  });
}

/** Each hash id gets a number of its own; so does every block of a row that shares none. */
function numberBlocks(rows: readonly TraceRow[], { texts }: BlockWriter, file: string): TextBlock[][] {
  const numbers = new Map<number | string, number>();
  let used = 0;
  const numberOf = (hash: number | string) => {
    const known = numbers.get(hash);
    if (known !== undefined) return known;
    numbers.set(hash, used);
    return used++;
  };
  const numbered = rows.map(({ blocks }) =>
    blocks.map(({ hash, tokens }) => ({ id: hash === null ? used++ : numberOf(hash), tokens })),
  );
  if (used <= texts) return numbered;
  throw new UserError(
    EXIT.usage,
    `${file} holds ${used} different blocks; the tokenizer's words can tell ${texts} apart`,
    { hint: "Leave the model's `path` empty: prompts are then written for the embedded tokenizer." },
  );
}

function noneLeft(file: string, rows: number, config: Options): UserError {
  const { fixed_schedule_start_offset: start, fixed_schedule_end_offset: end } = config;
  return new UserError(
    EXIT.usage,
    `none of the ${rows} rows of ${file} lies between fixed_schedule_start_offset ${start} and fixed_schedule_end_offset ${end}`,
    { hint: 'Timestamps are in ms; -1 as the end means up to the last row.' },
  );
}

const HOW_TO_GET =
  'Set `path` in the dataset config to a .jsonl file whose rows have timestamp (ms), input_length, output_length and hash_ids, as the traces published with Mooncake.';
