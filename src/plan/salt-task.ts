/** What a task's requests begin with, so that nobody measures a prefix cache without knowing it. */
import { createHash } from 'node:crypto';
import { isSalted, policyOf } from '../config/flags/cache-policy.ts';
import type { RunConfig } from '../config/run-config.ts';
import { SALT_WORDS, type SaltedRequest, type SaltSource } from '../core/prompts/salt.ts';
import { addedTokens, saltedPrompt } from '../core/prompts/salted-prompt.ts';
import type { Sample } from '../core/protocol.ts';
import type { CacheUse } from '../core/run.ts';
import {
  declaredPlace,
  primingOf,
  type SaltPlaces,
  type SharedPart,
  saltWordsFor,
  sharedShare,
} from '../datasets/text/salt-places.ts';
import type { TokenCounter } from '../datasets/text/tokenizer.ts';

export interface Salting {
  /** As the run's record says it. */
  use: CacheUse;
  source: SaltSource;
  /** Where salts stand: in every request, or `as-is` in those that are not measured. */
  places: SaltPlaces;
  /** Sent before the warm-ups. */
  primers: SharedPart[];
}

type Task = RunConfig['tasks'][number];

export function saltingOf(
  { cache }: RunConfig,
  { model, dataset }: Task,
  rows: readonly Sample[],
  tokenizer: TokenCounter,
): Salting {
  const policy = policyOf(cache.policy, dataset.type);
  const { places, parts } =
    policy === 'primed' ? primingOf(rows, tokenizer) : { places: declaredPlace, parts: [] };
  return {
    use: {
      policy,
      salt: cache.salt,
      saltTokens: SALT_WORDS,
      sharedShare: isSalted(policy) ? sharedShare(rows, places) : 0,
      primed: parts.length,
      repeats: isSalted(policy) ? '' : (cache.sentBefore[`${model.abbr}/${dataset.abbr}`] ?? ''),
    },
    // Tasks of one run may send the same rows to the same service.
    source: {
      seed: seedOf(JSON.stringify([cache.salt, model.abbr, dataset.abbr])),
      words: saltWordsFor(tokenizer),
    },
    places,
    primers: parts,
  };
}

function seedOf(text: string): [number, number] {
  const digest = createHash('sha256').update(text).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4)];
}

/** The rows as the first pass sends them. */
export function sentRows(rows: readonly Sample[], { use, source, places }: Salting): Sample[] {
  if (!isSalted(use.policy)) return [...rows];
  return rows.map((row, index) => {
    const place = places(row);
    if (place === null) return row;
    const request = { index, attempt: 0, measured: true };
    const salted = withPrompt(row, () => saltedPrompt(row.prompt, place, source, request));
    if (row.promptTokens !== undefined) salted.promptTokens = row.promptTokens + addedTokens(place);
    return salted;
  });
}

/** The prompt that a request really sent. */
export function promptSent(
  rows: readonly Sample[],
  { use, source, places }: Salting,
  { index, attempt }: Omit<SaltedRequest, 'measured'>,
): Sample['prompt'] {
  const row = rows[index % rows.length];
  const place = isSalted(use.policy) ? places(row) : null;
  return place === null
    ? row.prompt
    : saltedPrompt(row.prompt, place, source, { index, attempt, measured: true });
}

/** A copy with another prompt, which is still written only when asked for. */
export function withPrompt(row: Sample, prompt: () => Sample['prompt']): Sample {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(row)) as Sample;
  return Object.defineProperty(copy, 'prompt', { get: prompt, enumerable: true, configurable: true });
}
