/** Plug-in: GSM8K, grade-school maths problems, read from a folder with `test.jsonl`. */
import { join } from 'node:path';
import { z } from 'zod';
import type { DatasetType, LoadContext } from './dataset.ts';
import { parseJsonl, placesOf, readText, requiredFile, requiredText } from './rows/data-file.ts';
import {
  fillTemplate,
  promptFor,
  promptStyle,
  promptStyleMeaning,
  promptTemplate,
} from './text/prompt-template.ts';

const options = z.strictObject({
  path: z.string().default('').describe('The folder with `test.jsonl`; empty looks in the default places.'),
  prompt: promptStyle.default('4_shot_cot_chat').describe(promptStyleMeaning),
  template: promptTemplate
    .optional()
    .describe('Used instead of `prompt` when given: a string or chat turns; `{question}` is the question.'),
});

const DEFAULT_FOLDER = 'ais_bench/datasets/gsm8k';

/** The questions of the test split, in the file's order, each with its reference solution as answer. */
export const gsm8k: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ path, prompt, template }, context) {
    const places = foldersOf(path, context).map((folder) => join(folder, 'test.jsonl'));
    const file = await requiredFile('GSM8K', places, HOW_TO_GET);
    return parseJsonl(await readText(file), file).map((row, index) => {
      const question = requiredText(row, 'question', file);
      return {
        id: String(index),
        // The answer is never sent.
        prompt: template ? fillTemplate(template, { question, answer: '' }) : promptFor(question, prompt),
        answer: requiredText(row, 'answer', file),
      };
    });
  },
};

function foldersOf(path: string, context: LoadContext): string[] {
  if (path !== '') return placesOf(path, context);
  const cached = context.cacheDir === '' ? [] : placesOf('gsm8k', { ...context, cwd: context.cacheDir });
  return [...new Set([...cached, ...placesOf(DEFAULT_FOLDER, context)])];
}

const HOW_TO_GET =
  'Download http://opencompass.oss-cn-shanghai.aliyuncs.com/datasets/data/gsm8k.zip and unpack its gsm8k/ folder there, ' +
  'or save the dataset openai/gsm8k of Hugging Face as JSON Lines: test.jsonl and train.jsonl, one ' +
  '{"question": "…", "answer": "…"} per line. Another place: `path` in the dataset config, or the ' +
  'environment variable AIS_BENCH_DATASETS_CACHE. Without a download: demo_gsm8k_gen_4_shot_cot_chat_prompt.';
