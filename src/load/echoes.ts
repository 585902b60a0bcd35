/** A service may say our secrets anywhere in its answer; nothing of a run's records may hold them. */
import { visible } from '../core/outside-text.ts';
import { cutWithoutSecret, type Dialect, withoutSecret } from './dialect.ts';
import type { FinishedAttempt } from './recorder.ts';
import { appendText, type TextLog } from './text-log.ts';

/** Of the place of an output; longer ones say nothing more to a reader. */
const MAX_PLACE_CHARS = 200;

/** Hides the secrets in what is kept of an answer that went well or not. */
export function withoutEchoes(
  { said, text, reasoning }: Pick<FinishedAttempt, 'said' | 'text' | 'reasoning'>,
  dialect: Dialect,
): void {
  if (said.strayField !== undefined)
    said.strayField = visible(cutWithoutSecret(dialect, said.strayField, MAX_PLACE_CHARS), MAX_PLACE_CHARS);
  if (dialect.secrets.length === 0) return;
  if (said.finish !== undefined) said.finish = withoutSecret(dialect, said.finish);
  if (said.id !== undefined) said.id = withoutSecret(dialect, said.id);
  hide(text, dialect);
  hide(reasoning, dialect);
}

function hide(log: TextLog, dialect: Dialect): void {
  if (log.length === 0) return;
  const bytes = log.bytes.subarray(0, log.length);
  if (!dialect.secrets.some((secret) => bytes.includes(secret))) return;
  const clean = Buffer.from(withoutSecret(dialect, bytes.toString()));
  log.length = 0;
  appendText(log, clean, 0, clean.length);
}
