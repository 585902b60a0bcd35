/** Plug-in: text data sets read from files of a known layout (BoolQ, C-Eval, HumanEval, AIME, LongBench …). */
import { extname, join } from 'node:path';
import { type ZodType, z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import type { Sample } from '../core/protocol.ts';
import type { DatasetType, LoadContext } from './dataset.ts';
import type { RowLayout } from './row-layouts.ts';
import {
  badRow,
  parseJsonList,
  parseJsonl,
  placesOf,
  type Row,
  readText,
  requiredFile,
} from './rows/data-file.ts';
import { csvRows } from './rows/read-csv.ts';
import { EXAMPLE_TOKEN, withExamples } from './text/few-shot.ts';
import { promptTemplate } from './text/prompt-template.ts';

const named = z.string().min(1).describe('The subset, `{name}` in the names of its files.');
const unnamed = z.string().default('').describe('Ignored: there are no subsets.');

/** The options of a layout, whose task has to name a subset or cannot. */
const optionsOf = <Name extends typeof named | typeof unnamed>(layout: RowLayout, name: Name) =>
  z.strictObject({
    path: z
      .string()
      .default(layout.path)
      .transform((path) => path || layout.path)
      .describe(`The file, or the folder with \`${layout.files[0]}\`.`),
    name,
    template: promptTemplate
      .default(layout.template)
      .describe('A string or chat turns, with `{column}` where the text of a row goes.'),
    examples: z
      .array(z.int().min(0))
      .default([])
      .describe('Numbers of the rows, from 0, that are put before every question with their answers.'),
    example_template: promptTemplate.optional().describe('How an example is written; absent: as `template`.'),
    example_token: z
      .string()
      .min(1)
      .default(EXAMPLE_TOKEN)
      .describe('Where in `template` the examples go; at its start when it is not there.'),
  });

type OptionsOf<Name extends typeof named | typeof unnamed> = ReturnType<typeof optionsOf<Name>>;
type Options = OptionsOf<typeof unnamed>;
type Given<IsNamed extends boolean> = z.input<
  OptionsOf<IsNamed extends true ? typeof named : typeof unnamed>
>;

/** The rows of such a data set in the file's order, each with its reference answer, which is not sent. */
export function localRows<IsNamed extends boolean>(
  layout: RowLayout & { isNamed: IsNamed },
): DatasetType<z.output<Options>, Given<IsNamed>> {
  return {
    options: optionsOf(layout, layout.isNamed ? named : unnamed) as ZodType<
      z.output<Options>,
      Given<IsNamed>
    >,
    async load(options, context) {
      const file = await fileOf(layout, layout.files, options, context);
      const rows = await readRows(file, layout);
      const exampleFiles = layout.exampleFiles;
      const shown =
        options.examples.length === 0 || exampleFiles.length === 0
          ? { file, rows }
          : await exampleRows(layout, exampleFiles, options, context);
      const examples = options.examples.map((number) => {
        if (number < shown.rows.length) return shown.rows[number].fields;
        throw new UserError(
          EXIT.usage,
          `examples: there is no row ${number} in ${shown.file}, which has ${shown.rows.length} (the first is 0)`,
        );
      });
      const { template, example_template: exampleTemplate = template, example_token: token } = options;
      return rows.map(({ fields }, index): Sample => {
        const question = { ...fields, [layout.answer]: '' };
        return {
          id: String(index),
          prompt: withExamples({ template, exampleTemplate, token }, examples, question),
          answer: answerText(fields[layout.answer]),
        };
      });
    },
  };
}

async function exampleRows(
  layout: RowLayout,
  files: readonly string[],
  options: z.output<Options>,
  context: LoadContext,
): Promise<{ file: string; rows: Row[] }> {
  const file = await fileOf(layout, files, options, context);
  return { file, rows: await readRows(file, layout) };
}

async function fileOf(
  { title }: RowLayout,
  files: readonly string[],
  { path, name }: z.output<Options>,
  context: LoadContext,
): Promise<string> {
  const inside = files.map((file) => file.replace('{name}', () => name));
  const places = placesOf(path, context).flatMap((place) => [
    ...(extname(place) === '' ? [] : [place]),
    ...inside.map((file) => join(place, file)),
  ]);
  return requiredFile(title, places, HOW_TO_GET);
}

const HOW_TO_GET =
  'Put the files of the dataset there, or name their folder: `path` in the dataset config, ' +
  'or the environment variable AIS_BENCH_DATASETS_CACHE as the folder that relative paths start from.';

async function readRows(file: string, layout: RowLayout): Promise<Row[]> {
  const text = await readText(file);
  return rowsIn(text, file).map((row) => renamed(row, layout, file));
}

function rowsIn(text: string, file: string): Row[] {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return csvRows(text, file);
    case '.json':
      return parseJsonList(text, file);
    default:
      return parseJsonl(text, file);
  }
}

/** The row with its columns under the layout's names; all others stay, for templates that use them. */
function renamed(row: Row, { columns, answer, answerNames }: RowLayout, file: string): Row {
  const fields = { ...row.fields };
  for (const [column, names] of Object.entries({ ...columns, [answer]: answerNames })) {
    const found = names.find((name) => row.fields[name] !== undefined && row.fields[name] !== null);
    if (found !== undefined) fields[column] = row.fields[found];
    else if (column !== answer) throw badRow(file, row.line, `has no "${column}"`, `a string in "${column}"`);
  }
  fields[answer] = answerText(fields[answer]);
  return { line: row.line, fields };
}

/** Yes and no are the options A and B of a question that has just these. */
function answerText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'A' : 'B';
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? String(value[0] ?? '') : String(value);
}
