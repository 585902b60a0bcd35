/** Plug-in: MT-Bench, questions with a follow-up each, from its `question.jsonl`. */
import { z } from 'zod';
import { conversationSample, inferMode, type Pair } from './conversation-turns.ts';
import type { DatasetType } from './dataset.ts';
import { badRow, parseJsonl, placesOf, type Row, readText, requiredFile } from './rows/data-file.ts';

const DEFAULT_FILE = 'ais_bench/datasets/mtbench/question.jsonl';

const options = z.strictObject({
  path: z
    .string()
    .default(DEFAULT_FILE)
    .describe(
      'The JSON Lines file: `question_id`, `prompt` (a list of strings), and optionally `reference` per line.',
    ),
  infer_mode: inferMode,
});

const texts = z.array(z.string());

/** One conversation a row. `turns` is the name of `prompt` in the file as LMSYS published it. */
export const mtbench: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ path, infer_mode: mode }, context) {
    const places = placesOf(path, context);
    const file = await requiredFile('MT-Bench', places, HOW_TO_GET);
    return parseJsonl(await readText(file), file).map((row, at) =>
      conversationSample(String(at), pairsOf(row, file), mode),
    );
  },
};

function pairsOf(row: Row, file: string): Pair[] {
  const { prompt, turns, reference } = row.fields;
  const questions = texts.min(1).safeParse(prompt ?? turns);
  if (!questions.success)
    throw badRow(file, row.line, 'has no usable "prompt"', 'a list of strings in "prompt"');
  const answers = texts.safeParse(reference ?? []);
  if (!answers.success)
    throw badRow(file, row.line, 'has an unusable "reference"', 'a list of strings in "reference", or none');
  return questions.data.map((question, at) => ({ question, answer: answers.data[at] ?? '' }));
}

const HOW_TO_GET =
  'Save the dataset HuggingFaceH4/mt_bench_prompts of Hugging Face as JSON Lines, or set `path` in the dataset config.';
