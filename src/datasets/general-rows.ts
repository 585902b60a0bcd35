/** Plug-in: rows of any local file, in any columns, put into a template. For what no other type knows. */
import { extname } from 'node:path';
import { z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import type { Sample } from '../core/protocol.ts';
import type { DatasetType } from './dataset.ts';
import {
  badRow,
  configuredFile,
  maxTokensOf,
  parseJsonList,
  parseJsonl,
  type Row,
  readText,
  requireRows,
} from './rows/data-file.ts';
import { csvRows, namedCsvRows } from './rows/read-csv.ts';
import { columnsOf, fillTemplate, type PromptTemplate, promptTemplate } from './text/prompt-template.ts';

const formats = ['jsonl', 'json', 'csv'] as const;
type Format = (typeof formats)[number];

const column = () => z.string().min(1);

const options = z.strictObject({
  path: z.string().min(1).describe('The file with the rows.'),
  format: z
    .enum(['auto', ...formats])
    .default('auto')
    .describe(
      '`jsonl`: an object per line; `json`: one list of objects; `csv`; `auto`: as the file is named.',
    ),
  columns: z
    .array(column())
    .default([])
    .describe('Names of the columns of a csv file without a header line; empty: its first line names them.'),
  template: promptTemplate.describe(
    'The prompt, a string or chat turns of `role` and `prompt`; `{column}` is the text of that column.',
  ),
  answer: z.string().default('').describe('The column of the reference answer, which is never sent.'),
  max_tokens: z
    .union([z.int().min(1), column()])
    .optional()
    .describe(
      'Maximum output tokens: a number for all rows, or the name of a column; absent: `max_out_len` of the model task.',
    ),
});
type Options = z.output<typeof options>;

/** The rows in the file's order. */
export const generalRows: DatasetType<Options, z.input<typeof options>> = {
  options,
  async load(config, context) {
    const file = await configuredFile(config.path, context);
    const rows = readRows(await readText(file), file, config);
    requireRows(rows, file);
    const needed = neededColumns(config.template);
    return rows.map((row, index) => sampleOf(row, index, file, { config, needed }));
  },
};

function readRows(text: string, file: string, { format, columns }: Options): Row[] {
  switch (format === 'auto' ? formatOf(file) : format) {
    case 'jsonl':
      return parseJsonl(text, file);
    case 'json':
      return parseJsonList(text, file);
    case 'csv':
      return columns.length > 0 ? namedCsvRows(text, columns, file) : csvRows(text, file);
  }
}

function formatOf(file: string): Format {
  const ending = extname(file).slice(1).toLowerCase();
  const known = formats.find((format) => format === ending);
  if (known !== undefined) return known;
  throw new UserError(EXIT.usage, `${file}: its name does not say in which format it is`, {
    hint: `Set \`format\` to one of ${formats.join(', ')}.`,
  });
}

function neededColumns(template: PromptTemplate): string[] {
  const columns = [...new Set(columnsOf(template))];
  if (columns.length > 0) return columns;
  throw new UserError(EXIT.usage, 'the template names no column, so all prompts would be the same', {
    hint: 'Write {column} where the text of a row goes, with the name of a column of the file.',
  });
}

interface Meant {
  config: Options;
  needed: readonly string[];
}

function sampleOf(row: Row, index: number, file: string, { config, needed }: Meant): Sample {
  const { template, answer } = config;
  for (const name of needed) {
    const value = row.fields[name];
    if (value !== undefined && value !== null) continue;
    const columns = Object.keys(row.fields).join(', ');
    throw badRow(
      file,
      row.line,
      `has no "${name}", which the template names`,
      `one of its columns: ${columns}`,
    );
  }
  const sample: Sample = {
    id: String(index),
    prompt: fillTemplate(template, answer === '' ? row.fields : { ...row.fields, [answer]: '' }),
  };
  if (answer !== '') sample.answer = textOf(row.fields[answer]);
  const maxOutTokens = limitOf(row, file, config);
  if (maxOutTokens !== undefined) sample.maxOutTokens = maxOutTokens;
  return sample;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function limitOf(row: Row, file: string, { max_tokens: limit }: Options): number | undefined {
  if (typeof limit !== 'string') return limit;
  return maxTokensOf(row, file, limit);
}
