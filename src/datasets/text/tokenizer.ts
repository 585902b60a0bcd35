/** Counting tokens: the embedded o200k_base, or any Hugging Face tokenizer.json. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../../core/errors.ts';
import { messageText } from '../../core/prompts/message-text.ts';
import type { ChatMessage } from '../../core/protocol.ts';

export interface TokenCounter {
  /** For reports: which vocabulary counted, e.g. `embedded o200k_base`. */
  name: string;
  /** What is stored beside every count it gives. */
  source: 'tokenizer' | 'embedded';
  /** Tokens of a text as it stands: no begin or end mark. */
  count(text: string): number;
  /** Tokens of a prompt's words; chat turns cost `CHAT_TOKENS` beside their texts. */
  countPrompt(prompt: string | ChatMessage[]): number;
  /** Texts of vocabulary entries that are one lower-case ASCII word after a space, by token id. */
  vocabulary?(): readonly string[];
}

/**
 * What a chat template adds: start mark, role, separator and end mark around every turn, and the
 * opening of the reply. Templates of today's models add 3 to 5 and 2 to 4. The model's own template
 * is not rendered, so a chat prompt that is counted here (not by the service) is an estimate.
 */
export const CHAT_TOKENS = { perMessage: 4, reply: 3 } as const;

/**
 * Longest run without a possible token border that a tokenizer gets in one piece, in code points.
 * Byte-pair merging is quadratic in it: 100,000 Chinese characters without punctuation took 70 s.
 * A cut may add one token, and ordinary text is never cut.
 */
const MAX_RUN = 512;
const longRun = new RegExp(
  `[\\p{L}\\p{M}]{${MAX_RUN},}|[^\\s\\p{L}\\p{M}\\p{N}]{${MAX_RUN},}|\\s{${MAX_RUN},}`,
  'gu',
);
const cutLength = new RegExp(`[\\s\\S]{1,${MAX_RUN}}`, 'gu');

/** Cuts a text so that no piece holds an unbroken run longer than `MAX_RUN`; the pieces join to the text. */
export function cutLongRuns(text: string): string[] {
  if (text.length < MAX_RUN) return [text];
  const pieces: string[] = [];
  let from = 0;
  for (const run of text.matchAll(longRun)) {
    const cuts = run[0].match(cutLength) ?? [];
    const start = run.index;
    // What stands before the run belongs to its first piece: " word" is one token, " " and "word" are two.
    pieces.push(text.slice(from, start) + cuts[0], ...cuts.slice(1, -1));
    from = start + run[0].length - (cuts.length > 1 ? (cuts.at(-1)?.length ?? 0) : 0);
  }
  pieces.push(text.slice(from));
  return pieces;
}

function counterOf(
  name: string,
  source: TokenCounter['source'],
  countPiece: (text: string) => number,
  vocabulary: () => readonly string[],
): TokenCounter {
  const count = (text: string) => cutLongRuns(text).reduce((sum, piece) => sum + countPiece(piece), 0);
  return {
    name,
    source,
    count,
    countPrompt: (prompt) =>
      typeof prompt === 'string'
        ? count(prompt)
        : prompt.reduce<number>(
            (sum, m) => sum + count(messageText(m)) + CHAT_TOKENS.perMessage,
            CHAT_TOKENS.reply,
          ),
    vocabulary,
  };
}

const plainWord = /^ [a-z]{3,}$/;

/** The tokenizer that is always there: o200k_base. Its tables (2 MB) are loaded on the first call, not at start-up. */
export async function embeddedTokenizer(): Promise<TokenCounter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  const { default: ranks } = await import('gpt-tokenizer/bpeRanks/o200k_base');
  // A model's output may hold the text of a special token; here it is text, not an error.
  const asText = { disallowedSpecial: new Set<string>() };
  return counterOf(
    'embedded o200k_base',
    'embedded',
    (text) => countTokens(text, asText),
    // Ranks are the token ids; entries that are no UTF-8 text on their own are byte lists.
    () =>
      ranks.flatMap((token) => (typeof token === 'string' && plainWord.test(token) ? [token.slice(1)] : [])),
  );
}

/**
 * Loads the tokenizer of a model folder (`tokenizer.json`, and `tokenizer_config.json` if it is there).
 * @param path The folder, or the tokenizer.json itself; absolute or relative to the working directory.
 * @throws UserError (usage) when it is missing, unreadable or of a kind that cannot be counted with:
 * called before the first request, so that no run ends without its token counts.
 */
export async function loadTokenizer(path: string): Promise<TokenCounter> {
  const file = await tokenizerFile(path);
  const json = await readJson(file, true);
  const config = await readJson(join(dirname(file), 'tokenizer_config.json'), false);
  const { Tokenizer } = await import('@huggingface/tokenizers');
  try {
    const tokenizer = new Tokenizer(json, config);
    const plain = { add_special_tokens: false };
    const countPiece = (text: string) => tokenizer.encode(text, plain).ids.length;
    if (countPiece('Does it count?') < 1) throw new Error('it finds no token in a plain sentence');
    return counterOf(path, 'tokenizer', countPiece, () => wordsIn(tokenizer.get_vocab(false)));
  } catch (cause) {
    throw new UserError(EXIT.usage, `${file}: cannot be used as a tokenizer: ${reasonOf(cause)}`, {
      hint: `Expected a Hugging Face fast tokenizer. ${LEAVE_EMPTY}`,
      cause,
    });
  }
}

/** The tokenizer of a model folder, or the embedded one for an empty path. */
export type Tokenizers = (path: string) => Promise<TokenCounter>;

/** Loads each tokenizer once, however many tasks share it. */
export function createTokenizers(): Tokenizers {
  const loaded = new Map<string, Promise<TokenCounter>>();
  return (path) => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const loading = path === '' ? embeddedTokenizer() : loadTokenizer(path);
    loaded.set(path, loading);
    return loading;
  };
}

const LEAVE_EMPTY =
  "Leave the model's `path` empty to use the service's own usage figures and the embedded tokenizer.";

async function tokenizerFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new UserError(EXIT.usage, `tokenizer folder not found: ${path}`, {
      hint: `Set the model's \`path\` to the folder that holds tokenizer.json. ${LEAVE_EMPTY}`,
    });
  }
  if (!found.isDirectory()) return path;
  const file = join(path, 'tokenizer.json');
  if ((await stat(file).catch(() => null)) === null) {
    throw new UserError(EXIT.usage, `no tokenizer.json in the tokenizer folder ${path}`, {
      hint: `Convert a folder with only tokenizer.model or vocab files to the fast format first. ${LEAVE_EMPTY}`,
    });
  }
  return file;
}

async function readJson(file: string, required: boolean): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
    throw new Error('expected a JSON object');
  } catch (cause) {
    if (!required && (cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UserError(EXIT.usage, `${file}: cannot be read: ${reasonOf(cause)}`, {
      hint: `The file may be truncated; copy it again. ${LEAVE_EMPTY}`,
      cause,
    });
  }
}

/** Byte-level tokenizers write a leading space as `Ġ`, sentence-piece ones as `▁`, WordPiece leaves it out. */
function wordsIn(vocabulary: Map<string, number>): string[] {
  const marked = [...vocabulary].filter(([token]) => /^[Ġ▁][a-z]{3,}$/.test(token));
  const bare = marked.length > 0 ? [] : [...vocabulary].filter(([token]) => /^[a-z]{3,}$/.test(token));
  return [...marked, ...bare].sort((a, b) => a[1] - b[1]).map(([token]) => token.replace(/^[Ġ▁]/, ''));
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
