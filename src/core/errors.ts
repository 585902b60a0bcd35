/** Exit codes of the command. */
export const EXIT = {
  ok: 0,
  /** The run or the summary failed, or no steady stage was found. */
  failed: 1,
  /** Wrong flags or configuration; nothing was sent or written. */
  usage: 2,
  /** A comparison whose gate could neither pass nor fail. */
  undecided: 3,
  /** Killed by a second Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Something the user can mend. The message names the place, the value and what was expected; the hint
 * says what to do. Any other error is a bug and shows its stack.
 */
export class UserError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'UserError';
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}
