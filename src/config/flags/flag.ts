/** What one row of the table of flags says. */

/** Told what a flag expected and what it got instead. */
export type Wrong = (problem: string) => void;

/** The value of a flag from what stood behind it: `undefined` when the flag was not given. */
export type Read<T> = (given: unknown, wrong: Wrong) => T;

export interface Flag<T> {
  /** As commander writes it: `-m, --mode <mode>`. */
  notation: string;
  read: Read<T>;
  /** For `--help` and docs/configuration.md. */
  help: string;
  /** The same for its `--no-…` form; absent when it has none. */
  negated?: string;
  /** The key of the flag without which this one has no effect. */
  needs?: string;
}

/** A row of the table. */
export function flag<T>(
  notation: string,
  read: Read<T>,
  help: string,
  more: Pick<Flag<T>, 'negated' | 'needs'> = {},
): Flag<T> {
  return { notation, read, help, ...more };
}

/** `--mode` of `-m, --mode <mode>`. */
export function flagName({ notation }: Pick<Flag<unknown>, 'notation'>): string {
  return /--[\w-]+/.exec(notation)?.[0] ?? notation;
}
