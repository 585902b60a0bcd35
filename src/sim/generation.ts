/** What the simulated model says: how long its answers are and which words they hold. Deterministic. */
import type { SimRequest } from '../core/protocol.ts';
import { seededRandom } from '../core/random.ts';

/** Answers that may end by themselves have log-normal lengths, in tokens. */
export interface LengthLaw {
  medianTokens: number;
  /** Standard deviation of the length's logarithm. */
  sigma: number;
}

export interface Answer {
  tokens: number;
  finish: 'stop' | 'length';
  /** State of the word generator; see `nextWord`. */
  wordState: number;
}

/**
 * The answer follows from the service's seed, the request's seed and its prompt, and from nothing else:
 * the same question gets the same answer, in whatever order requests arrive.
 */
export function drawAnswer(seed: number, request: SimRequest, limit: number, law: LengthLaw): Answer {
  const random = seededRandom(seed, `answer:${request.seed ?? ''}:${request.prompt}`);
  const wordState = random.int(0, 0x7fff_ffff);
  if (request.ignoreEos) return { tokens: limit, finish: 'length', wordState };
  const drawn = Math.max(1, Math.round(law.medianTokens * Math.exp(law.sigma * random.normal())));
  return drawn < limit
    ? { tokens: drawn, finish: 'stop', wordState }
    : { tokens: limit, finish: 'length', wordState };
}

/** Each word with its leading blank is one token of the usual vocabularies (a test asks o200k). */
export const words: readonly string[] =
  `the of and to in is that for it as was with on at by from this have or one had not but what all were when we there can
  an your which their said if do will each about how up out them then she many some so these would other into has more her
  two like him see time could no make than first been its who now people my made over did down only way find use may water
  long little very after words called just where most know get through back much before go good new write our used me man
  too any day same right look think also around another came come work three must because does part even place well such
  here take why things help put years different away again off went old number`
    .trim()
    .split(/\s+/)
    .map((word) => ` ${word}`);

/** Words with letters of two to four bytes, to cut events inside a character. */
export const multibyteWords: readonly string[] = ['é', ' über', ' 数', '学', ' 🍎', ' ответ', ' 세', ' €5'];

/** Steps the generator (a linear congruence, far cheaper than a seeded source) and picks a word. */
export function nextWordState(state: number): number {
  return (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
}

export function wordAt(state: number, list: readonly string[]): string {
  return list[(state >>> 8) % list.length];
}

/** UTF-8 bytes per token, about what o200k_base makes of the 4-shot prompts this service is mostly asked. */
const BYTES_PER_TOKEN = 3.4;

/** The simulated tokenizer: cheap, and a fixed law, so that a client's counts can be checked. */
export function tokensByBytes(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** As many tokens as words: what the usual vocabularies make of prompts written out of common words. */
export function tokensByWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
