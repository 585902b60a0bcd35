/** Plug-in: TextVQA, questions on texts that are seen in photographs, for chat services. */
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Sample } from '../core/protocol.ts';
import type { DatasetType, LoadContext } from './dataset.ts';
import {
  badRow,
  firstFile,
  parseJsonl,
  parseJsonObject,
  placesOf,
  type Row,
  readText,
  requiredFile,
  requiredText,
} from './rows/data-file.ts';
import { isUrl, mediaPart, withMedia } from './rows/media.ts';
import { fillTemplate, promptTemplate } from './text/prompt-template.ts';

const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .default('ais_bench/datasets/textvqa/textvqa_json/textvqa_val.jsonl')
    .describe('The .jsonl file of the questions: `image`, `question`, and `question_id` per row.'),
  image_type: z
    .enum(['image_path', 'image_base64'])
    .default('image_path')
    .describe(
      '`image_path`: the service gets the address and reads the file itself; `image_base64`: images go along in the request.',
    ),
  template: promptTemplate
    .default('{question}\nAnswer in a word or two.')
    .describe('A string or chat turns; the image stands before the text of the last turn of the user.'),
});

const annotations = z.array(
  z.object({ question_id: z.unknown(), answers: z.array(z.object({ answer: z.string() })).min(1) }),
);

/** Rows in the order of the file. The answers stand beside it, in `NAME_annotations.json`; they are not needed. */
export const textvqa: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ path, image_type: type, template }, context) {
    const places = placesOf(path, context);
    const file = await requiredFile('TextVQA', places, HOW_TO_GET);
    const answers = await answersBeside(file);
    const way = type === 'image_path' ? 'path' : 'base64';
    const samples: Sample[] = [];
    for (const row of parseJsonl(await readText(file), file)) {
      requiredText(row, 'question', file);
      const image = await mediaPart('image', await imageOf(row, file, context), way, { row, file });
      const turns = fillTemplate(template, { ...row.fields, answer: '' });
      const sample: Sample = {
        id: String(row.fields.question_id ?? row.line),
        prompt: withMedia(turns, [image]),
      };
      const answer = answers.get(row.fields.question_id);
      if (answer !== undefined) sample.answer = answer;
      samples.push(sample);
    }
    return samples;
  },
};

/** The first answer to each question, by its id. */
async function answersBeside(questions: string): Promise<Map<unknown, string>> {
  const name = basename(questions, extname(questions));
  const file = await firstFile([join(dirname(questions), `${name}_annotations.json`)]);
  if (file === null) return new Map();
  const row = parseJsonObject(await readText(file), file);
  const read = annotations.safeParse(row.fields.annotations);
  if (read.success) return new Map(read.data.map((a) => [a.question_id, a.answers[0].answer]));
  throw badRow(file, 1, 'has other "annotations"', 'a list of {question_id, answers: [{answer}]}');
}

/** A URL, or the place of the file: as written, from the working directory, or in the folders around the questions. */
async function imageOf(row: Row, file: string, context: LoadContext): Promise<string> {
  const image = requiredText(row, 'image', file);
  if (isUrl(image) || isAbsolute(image)) return image;
  const folder = dirname(file);
  const places = [
    ...placesOf(image, context),
    resolve(folder, image),
    resolve(folder, '..', image),
    // The files as published name a folder of those who published them.
    resolve(folder, '..', 'train_images', basename(image)),
  ];
  const found = await firstFile(places);
  if (found !== null) return found;
  throw badRow(
    file,
    row.line,
    `names the image ${image}, which is not there`,
    `it at ${places.join(' or ')}`,
  );
}

const HOW_TO_GET =
  'Put textvqa_val.jsonl of the dataset maoxx241/textvqa_subset of Hugging Face there, and its train_images ' +
  'beside its folder, or set `path` in the dataset config.';
