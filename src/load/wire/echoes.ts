/** A service may say our secrets anywhere in its answer; nothing of a run's records may hold them. */

import { OUTCOME } from '../../core/records.ts';
import { visible } from '../../core/text/outside-text.ts';
import { cutWithoutSecret, type Dialect, withoutSecret } from './dialect.ts';
import { appendText, type TextLog } from './logs/text-log.ts';
import type { FinishedAttempt } from './recorder.ts';

/** Longer finish reasons and ids say nothing more to a reader. */
const MAX_NAME_CHARS = 256;
/** The same of the place of an output. */
const MAX_PLACE_CHARS = 200;

/** Bounds what is kept of an answer, gone well or not, and hides the secrets in it. */
export function withoutEchoes(
  { said, outcome, text, reasoning }: Pick<FinishedAttempt, 'said' | 'outcome' | 'text' | 'reasoning'>,
  dialect: Dialect,
): void {
  said.finish = nameOf(said.finish, dialect);
  said.id = nameOf(said.id, dialect);
  if (said.strayField !== undefined) {
    said.strayField = visible(withoutSecret(dialect, said.strayField), MAX_PLACE_CHARS);
  }
  if (dialect.secrets.length === 0) return;
  const isWhole = outcome === OUTCOME.ok;
  hide(text, isWhole, dialect);
  hide(reasoning, isWhole, dialect);
}

function nameOf(name: string | undefined, dialect: Dialect): string | undefined {
  if (name === undefined || (dialect.secrets.length === 0 && name.length <= MAX_NAME_CHARS)) return name;
  return withoutSecret(dialect, name).slice(0, MAX_NAME_CHARS);
}

/** An answer that is not whole may have broken off in the middle of a secret. */
function hide(log: TextLog, isWhole: boolean, dialect: Dialect): void {
  if (log.length === 0) return;
  const text = log.bytes.toString('utf8', 0, log.length);
  const clean = isWhole
    ? withoutSecret(dialect, text)
    : cutWithoutSecret(dialect, text, Number.POSITIVE_INFINITY);
  if (clean === text) return;
  const bytes = Buffer.from(clean);
  log.length = 0;
  appendText(log, bytes, 0, bytes.length);
}
