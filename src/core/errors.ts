/** Exit codes of the command. */
export const EXIT = {
  ok: 0,
  /** A task failed, found no steady stage where one was asked for, or had not one successful request; or an output was lost. */
  failed: 1,
  /** Wrong flags or configuration; nothing was sent or written. */
  usage: 2,
  /** A comparison whose gate could neither pass nor fail. */
  undecided: 3,
  /** Asked to end by SIGHUP: the terminal went away. What was collected is summarized. */
  hungUp: 129,
  /** Ended at once by a second Ctrl-C. */
  interrupted: 130,
  /** Asked to end by SIGTERM. What was collected is summarized. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From the least to the most that a caller must know. */
const severity: readonly ExitCode[] = [
  EXIT.ok,
  EXIT.undecided,
  EXIT.failed,
  EXIT.usage,
  EXIT.hungUp,
  EXIT.terminated,
  EXIT.interrupted,
];

/** The one exit code of a command whose parts ended with `codes`, in whatever order they did. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return severity.findLast((code) => codes.includes(code)) ?? EXIT.ok;
}

/**
 * Something the user can mend. The message names the place, the value and what was expected; the hint
 * says what to do. Any other error is a bug and shows its stack.
 */
export class UserError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'UserError';
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}
