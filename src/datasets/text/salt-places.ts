/** Where the salts of a data set's prompts stand, so that a prefix cache finds what was meant to be shared and nothing more. */

import { SALT_WORDS, saltWords } from '../../core/prompts/salt.ts';
import { isNotSystem, placeAtUser, type SaltPlace } from '../../core/prompts/salted-prompt.ts';
import type { ChatMessage, Sample } from '../../core/protocol.ts';
import { singleTokenWords } from './prompt-words.ts';
import type { TokenCounter } from './tokenizer.ts';

/** null: the whole prompt is meant to be shared, or there is none. */
export type SaltPlaces = (row: Sample) => SaltPlace | null;

/** Behind what the data set declares as shared: a prefix of synthetic words, or messages of the system. */
export const declaredPlace: SaltPlaces = (row) => {
  if (row.sharedWords === undefined) return placeAtUser(row.prompt);
  const text = String(row.prompt);
  const at = startOfWord(text, row.sharedWords);
  const words = Math.min(SALT_WORDS, wordsFrom(text, at));
  return words === 0 ? null : { message: 0, at, words, replaces: true };
};

/** Characters of all prompts that stand before their salts, as a share of all characters. */
export function sharedShare(rows: readonly Sample[], places: SaltPlaces): number {
  let before = 0;
  let all = 0;
  for (const row of rows) {
    const length = charactersOf(row.prompt);
    all += length;
    before += charactersBefore(row.prompt, places(row), length);
  }
  return all === 0 ? 0 : before / all;
}

/** A start that several prompts share. */
export interface SharedPart {
  /** What brings it into a cache. */
  prompt: Sample['prompt'];
}

export interface Priming {
  parts: SharedPart[];
  places: SaltPlaces;
}

/** Caches keep blocks of 16 tokens or more: less than one block is not found again. */
const MIN_SHARED_TOKENS = 16;
/** More different shared starts than these are rows of data. */
const MAX_PARTS = 256;

/**
 * What `--cache primed` sends first: each declared shared part once, else the longest start that all prompts have in
 * common. No parts: there is nothing to prime.
 */
export function primingOf(rows: readonly Sample[], tokenizer: TokenCounter): Priming {
  const none: Priming = { parts: [], places: declaredPlace };
  if (rows.length === 0) return none;
  const isWorthIt = ({ prompt }: SharedPart) => tokenizer.countPrompt(prompt) >= MIN_SHARED_TOKENS;
  if (rows[0].sharedWords !== undefined) {
    const parts = syntheticParts(rows).filter(isWorthIt);
    return { ...none, parts };
  }
  const common = commonStart(rows);
  const part = common && { prompt: startOf(rows[0].prompt, common) };
  if (part && isWorthIt(part)) return { parts: [part], places: () => common };
  return { ...none, parts: systemParts(rows).filter(isWorthIt) };
}

/** All shared starts of a synthetic set are the beginning of the longest one. */
function syntheticParts(rows: readonly Sample[]): SharedPart[] {
  let longest = rows[0];
  for (const row of rows) if (row.sharedWords! > longest.sharedWords!) longest = row;
  const text = String(longest.prompt);
  const prompt = text.slice(0, startOfWord(text, longest.sharedWords!)).trimEnd();
  return prompt === '' ? [] : [{ prompt }];
}

function systemParts(rows: readonly Sample[]): SharedPart[] {
  const counts = new Map<string, { system: ChatMessage[]; rows: number }>();
  for (const { prompt } of rows) {
    if (typeof prompt === 'string') return [];
    const user = prompt.findIndex(isNotSystem);
    const system = prompt.slice(0, Math.max(0, user));
    const key = JSON.stringify(system);
    const known = counts.get(key) ?? { system, rows: 0 };
    known.rows++;
    counts.set(key, known);
  }
  const shared = [...counts.values()].filter((one) => one.rows > 1 && one.system.length > 0);
  return shared.length > MAX_PARTS ? [] : shared.map(({ system }) => ({ prompt: system }));
}

/** Where the prompts begin to differ, at a border of words; null where they cannot be set beside one another. */
function commonStart(rows: readonly Sample[]): SaltPlace | null {
  const [first, ...others] = rows.map((row) => textsOf(row.prompt));
  if (first === null || others.length === 0) return null;
  let message = first.length - 1;
  let at = first[message].text.length;
  for (const texts of others) {
    if (texts === null) return null;
    const differs = first.findIndex(
      ({ role, text }, i) => i >= texts.length || texts[i].role !== role || texts[i].text !== text,
    );
    if (differs < 0 || differs > message) continue;
    if (differs >= texts.length || texts[differs].role !== first[differs].role) {
      [message, at] = [differs, 0];
      continue;
    }
    const common = commonLength(first[differs].text, texts[differs].text);
    at = differs < message ? common : Math.min(at, common);
    message = differs;
  }
  const { text } = first[message];
  return { message, at: text.lastIndexOf(' ', at - 1) + 1, words: SALT_WORDS, replaces: false };
}

/** A text is one message; null for content of several parts. */
function textsOf(prompt: Sample['prompt']): { role: string; text: string }[] | null {
  if (typeof prompt === 'string') return [{ role: '', text: prompt }];
  const texts = prompt.map(({ role, content }) => ({ role, text: content }));
  const isPlain = texts.length > 0 && texts.every(({ text }) => typeof text === 'string');
  return isPlain ? (texts as { role: string; text: string }[]) : null;
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

/** The prompt up to the salt's place. */
function startOf(prompt: Sample['prompt'], { message, at }: SaltPlace): Sample['prompt'] {
  if (typeof prompt === 'string') return prompt.slice(0, at);
  const before = prompt.slice(0, message);
  const cut = String(prompt[message].content).slice(0, at);
  return cut === '' ? before : [...before, { ...prompt[message], content: cut }];
}

const MIN_WORDS = 16;

/**
 * The words of a run's salts: ours where each is one token of `tokenizer`, too, else sixteen words of one length that
 * are.
 */
export function saltWordsFor(tokenizer: TokenCounter): readonly string[] {
  const isOneToken = (word: string) =>
    tokenizer.count(word) === 1 && tokenizer.count(`${word} ${word}`) === 2;
  const own = saltWords.filter(isOneToken);
  if (own.length === saltWords.length) return saltWords;
  if (own.length >= MIN_WORDS) return own.slice(0, MIN_WORDS);
  const known = tokenizer.vocabulary ? singleTokenWords(tokenizer) : [];
  const alike = known.filter((word) => word.length === saltWords[0].length);
  return alike.length >= MIN_WORDS ? alike.slice(0, MIN_WORDS) : saltWords;
}

/** Where word number `word` begins; the text's length when it has no more than so many. */
function startOfWord(text: string, word: number): number {
  let at = 0;
  for (let passed = 0; passed < word; passed++) {
    const blank = text.indexOf(' ', at);
    if (blank < 0) return text.length;
    at = blank + 1;
  }
  return at;
}

/** Words that begin at or behind `from`, at most as many as a salt has. */
function wordsFrom(text: string, from: number): number {
  let words = 0;
  for (let at = from; at < text.length && words < SALT_WORDS; words++) {
    const blank = text.indexOf(' ', at);
    at = blank < 0 ? text.length : blank + 1;
  }
  return words;
}

function charactersOf(prompt: Sample['prompt']): number {
  if (typeof prompt === 'string') return prompt.length;
  return prompt.reduce((sum, message) => sum + lengthOf(message), 0);
}

function charactersBefore(prompt: Sample['prompt'], place: SaltPlace | null, all: number): number {
  if (place === null) return all;
  if (typeof prompt === 'string') return place.at;
  return charactersOf(prompt.slice(0, place.message)) + place.at;
}

function lengthOf({ content }: ChatMessage): number {
  if (typeof content === 'string') return content.length;
  return content.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
}
