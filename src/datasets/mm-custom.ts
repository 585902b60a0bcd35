/** Plug-in: the user's own questions on images, video or sound, from a .jsonl file, for chat services. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import type { ChatMessage, MessagePart, Sample } from '../core/protocol.ts';
import {
  badRow,
  describeValue,
  firstFile,
  maxTokensOf,
  parseJsonl,
  placesOf,
  type Row,
  readText,
  requiredText,
} from './data-file.ts';
import type { DatasetType } from './dataset.ts';
import { fillTemplate, promptTemplate } from './prompt-template.ts';

const options = z.strictObject({
  path: z.string().min(1).describe('The .jsonl file.'),
  mm_type: z
    .enum(['path', 'base64'])
    .default('path')
    .describe(
      '`path`: the service gets the address and reads the file itself; `base64`: images and sound go along in the request.',
    ),
  num_frames: z
    .int()
    .min(1)
    .default(5)
    .describe('Accepted and without effect: no frames are taken out of a video.'),
  template: promptTemplate
    .default('{question}')
    .describe('A text or chat turns; what is shown stands before the text of the last turn of the user.'),
});
type Options = z.output<typeof options>;

type Media = 'image' | 'video' | 'audio';

/** Of files that are sent along. */
const mimeTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.bmp': 'image/bmp',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.flac': 'audio/flac',
  '.ogg': 'audio/ogg',
};

/**
 * Rows have `type` (image, video, audio), `path` (one or a list: files, or http, https and data URLs),
 * `question`, and if you like `answer` and `max_tokens`. Relative files start at the folder of the .jsonl file.
 */
export const mmCustom: DatasetType<Options, z.input<typeof options>> = {
  options,
  async load({ path, mm_type, template }, context) {
    const places = placesOf(path, context);
    const file = await firstFile(places);
    if (file === null) throw new UserError(EXIT.usage, `data set not found: ${places.join(' or ')}`);
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
    const url = isUrl(one)
      ? one
      : mmType === 'path'
        ? pathToFileURL(resolve(dirname(file), one)).href
        : await dataUrl(type, one, row, file);
    parts.push(partOf(type, url));
  }
  return parts;
}

const isUrl = (path: string) => /^(https?|data|file):/i.test(path);

function partOf(type: Media, url: string): MessagePart {
  if (type === 'image') return { type: 'image_url', image_url: { url } };
  if (type === 'video') return { type: 'video_url', video_url: { url } };
  return { type: 'audio_url', audio_url: { url } };
}

async function dataUrl(type: Media, path: string, row: Row, file: string): Promise<string> {
  const mime = mimeTypes[extname(path).toLowerCase()] ?? '';
  if (!mime.startsWith(`${type}/`)) {
    const known = Object.entries(mimeTypes).filter(([, name]) => name.startsWith(`${type}/`));
    const expected = known.map(([ending]) => ending).join(', ') || 'mm_type "path", or a URL';
    throw badRow(file, row.line, `has the ${type} ${path}, which cannot be sent along`, expected);
  }
  const bytes = await readFile(resolve(dirname(file), path)).catch((cause: NodeJS.ErrnoException) => {
    throw badRow(file, row.line, `names ${path} (${cause.code ?? cause.message})`, 'a file that can be read');
  });
  return `data:${mime};base64,${bytes.toString('base64')}`;
}

/** The last turn of the user gets the parts, before its text. */
function withMedia(prompt: Sample['prompt'], shown: MessagePart[]): ChatMessage[] {
  const turns = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  const at = turns.findLastIndex((turn) => turn.role === 'user');
  return turns.map((turn, i): ChatMessage => {
    if (i !== at || typeof turn.content !== 'string') return turn;
    return { ...turn, content: [...shown, { type: 'text', text: turn.content }] };
  });
}
