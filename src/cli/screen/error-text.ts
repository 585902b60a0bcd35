import { UserError } from '../../core/errors.ts';

/** What the user reads of an error: message and hint when they can mend it, the stack when it is our bug. */
export function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.hint ? `${error.message}\n  ${error.hint}` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
