/** Plug-in: the user's own questions on images, video or sound, from a .jsonl file, for chat services. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { MessagePart, Sample } from '../core/protocol.ts';
import type { DatasetType } from './dataset.ts';
import {
  badRow,
  configuredFile,
  describeValue,
  maxTokensOf,
  parseJsonl,
  type Row,
  readText,
  requiredText,
} from './rows/data-file.ts';
import { isUrl, mediaPart, withMedia } from './rows/media.ts';
import { fillTemplate, promptTemplate } from './text/prompt-template.ts';

const options = z.strictObject({
  path: z.string().min(1).describe('The .jsonl file.'),
  mm_type: z
    .enum(['path', 'base64'])
    .default('path')
    .describe(
      '`path`: the service gets the address and reads the file itself; `base64`: images and sound go along in the request.',
    ),
  num_frames: z.int().min(1).default(5).describe('Accepted but ignored: no frames are taken out of a video.'),
  template: promptTemplate
    .default('{question}')
    .describe('A string or chat turns; what is shown stands before the text of the last turn of the user.'),
});
type Options = z.output<typeof options>;

/**
 * Rows have `type` (image, video, audio), `path` (one or a list: files, or http, https and data URLs),
 * `question`, and if you like `answer` and `max_tokens`. Relative files start at the folder of the .jsonl file.
 */
export const mmCustom: DatasetType<Options, z.input<typeof options>> = {
  options,
  async load({ path, mm_type, template }, context) {
    const file = await configuredFile(path, context);
    const samples: Sample[] = [];
    for (const row of parseJsonl(await readText(file), file)) {
      requiredText(row, 'question', file);
      const shown = await mediaOf(row, mm_type, file);
      const turns = fillTemplate(template, { ...row.fields, answer: '' });
      const sample: Sample = { id: String(row.line), prompt: withMedia(turns, shown) };
      const { answer } = row.fields;
      if (typeof answer === 'string' && answer !== '') sample.answer = answer;
      const maxOutTokens = maxTokensOf(row, file);
      if (maxOutTokens !== undefined) sample.maxOutTokens = maxOutTokens;
      samples.push(sample);
    }
    return samples;
  },
};

async function mediaOf(row: Row, mmType: Options['mm_type'], file: string): Promise<MessagePart[]> {
  const { type, path } = row.fields;
  if (type !== 'image' && type !== 'video' && type !== 'audio')
    throw badRow(file, row.line, `has ${describeValue(type)} as "type"`, 'image, video or audio');
  const paths: unknown[] = Array.isArray(path) ? path : [path];
  const parts: MessagePart[] = [];
  for (const one of paths) {
    if (typeof one !== 'string' || one === '')
      throw badRow(file, row.line, `has ${describeValue(one)} in "path"`, 'a file or a URL');
    const place = isUrl(one) ? one : resolve(dirname(file), one);
    parts.push(await mediaPart(type, place, mmType, { row, file }));
  }
  return parts;
}
