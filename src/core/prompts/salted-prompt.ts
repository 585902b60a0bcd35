/** Where in a prompt a salt stands, and the prompt with it. */
import type { ChatMessage, MessagePart, Sample } from '../protocol.ts';
import { PLACEHOLDER, SALT_WORDS, type SaltedRequest, type SaltSource, saltBytes, saltText } from './salt.ts';

export interface SaltPlace {
  /** Which message of a chat; 0 where the prompt is a text. */
  message: number;
  /** Characters of its first text that stand before the salt. */
  at: number;
  /** Words of the salt. */
  words: number;
  /** The salt takes the place of as many words of the text, so that its length stays as it was; else it comes on top. */
  replaces: boolean;
}

type Prompt = Sample['prompt'];

/** The prompt as a request sends it. */
export function saltedPrompt(
  prompt: Prompt,
  place: SaltPlace,
  source: SaltSource,
  request: SaltedRequest,
): Prompt {
  return placed(prompt, place, saltText(source, place.words, request));
}

/** The prompt with a stand-in for the salt that can be found again in the encoded body. */
export function markedPrompt(prompt: Prompt, place: SaltPlace): Prompt {
  return placed(prompt, place, PLACEHOLDER.repeat(saltBytes(place.words)));
}

/** Tokens that a salt adds to a prompt. */
export function addedTokens({ replaces, words }: SaltPlace): number {
  return replaces ? 0 : words;
}

/** At the start of what the user says first; behind the messages of the system, which many requests share on purpose. */
export function placeAtUser(prompt: Prompt): SaltPlace {
  const place = { message: 0, at: 0, words: SALT_WORDS, replaces: false };
  if (typeof prompt === 'string') return place;
  return { ...place, message: Math.max(0, prompt.findIndex(isNotSystem)) };
}

export const isNotSystem = ({ role }: ChatMessage): boolean => !/^(system|developer)$/i.test(role);

function placed(prompt: Prompt, place: SaltPlace, salt: string): Prompt {
  if (typeof prompt === 'string') return inText(prompt, place, salt);
  return prompt.map((message, at) =>
    at === place.message ? { ...message, content: inContent(message.content, place, salt) } : message,
  );
}

function inContent(content: ChatMessage['content'], place: SaltPlace, salt: string): ChatMessage['content'] {
  if (typeof content === 'string') return inText(content, place, salt);
  const first = content.findIndex(({ type }) => type === 'text');
  if (first < 0) return [{ type: 'text', text: salt }, ...content];
  return content.map((part, at) => (at === first ? inPart(part, place, salt) : part));
}

function inPart(part: MessagePart, place: SaltPlace, salt: string): MessagePart {
  return part.type === 'text' ? { ...part, text: inText(part.text, place, salt) } : part;
}

function inText(text: string, { at, words, replaces }: SaltPlace, salt: string): string {
  const before = text.slice(0, at);
  if (!replaces) return `${before}${salt} ${text.slice(at)}`;
  let end = at;
  for (let word = 0; word < words && end < text.length; word++) {
    const blank = text.indexOf(' ', word === 0 ? end : end + 1);
    end = blank < 0 ? text.length : blank;
  }
  return `${before}${salt}${text.slice(end)}`;
}
