/** What one file's evaluation knows. */
import type { Budget, PyValue } from './values.ts';

/** Names of a module or, inside a comprehension, of that and of the module around it. */
export interface Scope {
  names: Map<string, PyValue>;
  outer: Scope | null;
}

export interface Context {
  /** Absolute path of the file; `__file__`. */
  file: string;
  /** The lines of the file. */
  lines: readonly string[];
  /** Line, from 1, of what is evaluated now: where a mistake is. */
  line: number;
  scope: Scope;
  budget: Budget;
  env: Readonly<Record<string, string | undefined>>;
}

export function lookUp(scope: Scope, name: string): PyValue | undefined {
  for (let at: Scope | null = scope; at; at = at.outer) {
    const value = at.names.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Runs `act` with names of its own, which are gone after it. */
export function inScope<T>(context: Context, act: () => T): T {
  const outer = context.scope;
  context.scope = { names: new Map(), outer };
  try {
    return act();
  } finally {
    context.scope = outer;
  }
}
