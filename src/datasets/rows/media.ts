/** Images, video and sound as parts of a chat message. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChatMessage, MessagePart, Sample } from '../../core/protocol.ts';
import { badRow, type Row } from './data-file.ts';

export type Media = 'image' | 'video' | 'audio';

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

/** A row and its file. */
interface Origin {
  row: Row;
  file: string;
}

export const isUrl = (path: string) => /^(https?|data|file):/i.test(path);

/**
 * A part of a message.
 * @param place A URL, which is sent as it is, or the absolute path of a file.
 * @param way `path`: the service is given the file's address; `base64`: the file goes along.
 * @param from Where `place` is named, for complaints.
 * @throws UserError (usage) when a file that goes along cannot be read or is of no known kind.
 */
export async function mediaPart(
  type: Media,
  place: string,
  way: 'path' | 'base64',
  from: Origin,
): Promise<MessagePart> {
  if (isUrl(place)) return partOf(type, place);
  return partOf(type, way === 'path' ? pathToFileURL(place).href : await dataUrl(type, place, from));
}

function partOf(type: Media, url: string): MessagePart {
  if (type === 'image') return { type: 'image_url', image_url: { url } };
  if (type === 'video') return { type: 'video_url', video_url: { url } };
  return { type: 'audio_url', audio_url: { url } };
}

async function dataUrl(type: Media, path: string, { row, file }: Origin): Promise<string> {
  const mime = mimeTypes[extname(path).toLowerCase()] ?? '';
  if (!mime.startsWith(`${type}/`)) {
    const known = Object.entries(mimeTypes).filter(([, name]) => name.startsWith(`${type}/`));
    const expected = known.map(([ending]) => ending).join(', ') || 'mm_type "path", or a URL';
    throw badRow(file, row.line, `has the ${type} ${path}, which cannot be sent along`, expected);
  }
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw badRow(file, row.line, `names ${path} (${cause.code ?? cause.message})`, 'a file that can be read');
  });
  return `data:${mime};base64,${bytes.toString('base64')}`;
}

/** The last turn of the user gets the parts, before its text. */
export function withMedia(prompt: Sample['prompt'], shown: MessagePart[]): ChatMessage[] {
  const turns = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  const at = turns.findLastIndex((turn) => turn.role === 'user');
  return turns.map((turn, i): ChatMessage => {
    if (i !== at || typeof turn.content !== 'string') return turn;
    return { ...turn, content: [...shown, { type: 'text', text: turn.content }] };
  });
}
