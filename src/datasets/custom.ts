/** Plug-in: the user's own rows from a .jsonl or .csv file. */
import { extname, join } from 'node:path';
import { z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import type { ChatMessage, Sample } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';
import type { DatasetType, LoadContext } from './dataset.ts';
import { type CustomMeta, outputLengths, parseMeta, pickRows } from './rows/custom-meta.ts';
import {
  badRow,
  configuredFile,
  firstFile,
  maxTokensOf,
  parseJsonl,
  type Row,
  readText,
  requiredText,
  requireRows,
} from './rows/data-file.ts';
import { csvRows } from './rows/read-csv.ts';
import { columnsOf, fillTemplate, type PromptTemplate, promptTemplate } from './text/prompt-template.ts';

const options = z.strictObject({
  path: z.string().min(1).describe('The .jsonl or .csv file, or its folder where `file_name` is given.'),
  file_name: z.string().default('').describe('The file in the folder `path`; empty: `path` is the file.'),
  meta_path: z.string().default('').describe('Meta file; empty takes `<path>.meta.json` when it is there.'),
  prompt: z
    .enum(['auto', 'qa', 'mcq', 'bare'])
    .default('auto')
    .describe(
      '`auto`: `mcq` when the first row has options A and B, else `qa`; `bare` sends the question as it is.',
    ),
  template: promptTemplate
    .optional()
    .describe(
      'Used instead of `prompt` when given; `{column}` is the text of that column, whatever columns there are.',
    ),
});

/**
 * Columns: `question`, and if there `answer`, `A`, `B`, `C` … (options of a choice) and `max_tokens`. A
 * .jsonl row may have `messages` (chat turns of role and content) in place of a question; they are sent as they are.
 */
export const custom: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ path, file_name, meta_path, prompt, template }, context) {
    const file = await configuredFile(join(path, file_name), context, 'dataset');
    const rows = await readRows(file);
    const meta = await readMeta(file, meta_path, context);
    requireRows(rows, file);
    const style = prompt === 'auto' ? styleOf(rows[0]) : prompt;
    const samples = rows.map((row) =>
      sampleOf(row, template ? filled(template, row, file) : promptOf(row, style, file), file),
    );
    return meta === null ? samples : arranged(samples, meta, context.seed);
  },
};

async function readRows(file: string): Promise<Row[]> {
  switch (extname(file).toLowerCase()) {
    case '.jsonl':
      return parseJsonl(await readText(file), file);
    case '.csv':
      return csvRows(await readText(file), file);
    default:
      throw new UserError(EXIT.usage, `${file}: the kind "${extname(file)}" cannot be read`, {
        hint: 'A custom dataset is a .jsonl or a .csv file.',
      });
  }
}

async function readMeta(file: string, metaPath: string, context: LoadContext): Promise<CustomMeta | null> {
  const found =
    metaPath === ''
      ? await firstFile([`${file}.meta.json`])
      : await configuredFile(metaPath, context, 'meta file');
  return found === null ? null : parseMeta(await readText(found), found);
}

type Style = 'qa' | 'mcq' | 'bare';

const styleOf = (first: Row): Style => ('A' in first.fields && 'B' in first.fields ? 'mcq' : 'qa');

function sampleOf(row: Row, prompt: Sample['prompt'], file: string): Sample {
  const sample: Sample = { id: String(row.line), prompt };
  const { answer } = row.fields;
  if (typeof answer === 'string' && answer !== '') sample.answer = answer;
  else if (typeof answer === 'number') sample.answer = String(answer);
  const maxOutTokens = maxTokensOf(row, file);
  if (maxOutTokens !== undefined) sample.maxOutTokens = maxOutTokens;
  return sample;
}

/** The answer is never sent. */
function filled(template: PromptTemplate, row: Row, file: string): Sample['prompt'] {
  const columns = columnsOf(template);
  if (columns.length > 0 && !columns.some((column) => Object.hasOwn(row.fields, column))) {
    throw badRow(file, row.line, 'has none of the columns that the template names', columns.join(', '));
  }
  return fillTemplate(template, { ...row.fields, answer: '' });
}

function promptOf(row: Row, style: Style, file: string): string | ChatMessage[] {
  if (row.fields.question === undefined && row.fields.messages !== undefined) return messagesOf(row, file);
  const question = requiredText(row, 'question', file);
  if (style === 'bare') return question;
  const choices = style === 'mcq' ? choicesOf(row) : [];
  return [`Question: ${question}`, ...choices, 'Answer:'].join('\n');
}

/** Options in the order of their letters, up to the first letter without one. */
function choicesOf(row: Row): string[] {
  const choices: string[] = [];
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    const text = row.fields[letter];
    if (text === undefined || text === null || text === '') break;
    choices.push(`${letter}. ${String(text)}`);
  }
  return choices;
}

const address = z.looseObject({ url: z.string().min(1) });
const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('image_url'), image_url: address }),
  z.strictObject({ type: z.literal('video_url'), video_url: address }),
  z.strictObject({ type: z.literal('audio_url'), audio_url: address }),
]);
const content = z.union([z.string(), z.array(part).min(1)], 'expected a string or a list of parts');
const messages = z.array(z.strictObject({ role: z.string().min(1), content })).min(1);

function messagesOf(row: Row, file: string): ChatMessage[] {
  const result = messages.safeParse(row.fields.messages);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRow(
    file,
    row.line,
    `has wrong "messages" (${['messages', ...issue.path].join('.')}: ${issue.message})`,
    'a list of {"role": "…", "content": "…"}',
  );
}

/** Applies the meta file; a row that comes again gets an id of its own. */
function arranged(samples: Sample[], meta: CustomMeta, seed: number): Sample[] {
  const picked = pickRows(samples.length, meta, seededRandom(seed, 'custom rows'));
  const lengths =
    meta.output_config &&
    outputLengths(meta.output_config, picked.length, seededRandom(seed, 'custom lengths'));
  const uses = new Map<number, number>();
  return picked.map((row, request) => {
    const use = uses.get(row) ?? 0;
    uses.set(row, use + 1);
    const sample = { ...samples[row] };
    if (use > 0) sample.id = `${sample.id}#${use + 1}`;
    if (lengths) sample.maxOutTokens = lengths[request];
    return sample;
  });
}
