/** Zod's findings as lines of ours: path, expected, received, and the nearest valid name. */
import { z } from 'zod';
import { isSecretName } from '../core/text/secret-names.ts';
import type { Findings } from './mistakes.ts';
import { didYouMean } from './nearest.ts';
import { MASK, redactText } from './redact.ts';
import type { Source } from './source.ts';

const MAX_SHOWN = 60;

export interface Finding {
  /** `models[0].retry` */
  path: string;
  problem: string;
}

/** Checks `value`; either the parsed value or everything that is wrong with it, never an exception. */
export function checkValue<T extends z.ZodType>(
  schema: T,
  value: unknown,
  at: string,
): { value: z.output<T>; findings: [] } | { value: null; findings: Finding[] } {
  const result = schema.safeParse(value, { reportInput: true, error: expectedText });
  if (result.success) return { value: result.data, findings: [] };
  return { value: null, findings: result.error.issues.flatMap((issue) => findingsOf(issue, schema, at)) };
}

/** The same of what a file gives: null when `findings` got a mistake of it. */
export function checkSource<T extends z.ZodType>(
  schema: T,
  source: Source,
  findings: Findings,
): z.output<T> | null {
  const { value, findings: found } = checkValue(schema, source.value, source.path);
  findings.mistakes.push(...found.map((finding) => ({ file: source.file, ...finding })));
  return value;
}

/** `models[0]` and `['traffic_cfg', 'burstiness']` make `models[0].traffic_cfg.burstiness`. */
export function joinPath(at: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, at);
}

/** A received value, short, on one line, and masked when its name or its text may hold a secret. */
export function shown(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined) return 'nothing';
  if (path.some((part) => isSecretName(String(part)) || /headers?$/i.test(String(part)))) return MASK;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'string') return String(value);
  const text = JSON.stringify(redactText(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…"` : text;
}

function findingsOf(issue: z.core.$ZodIssue, schema: z.ZodType, at: string): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: joinPath(at, [...issue.path, key]),
      // Another alternative of a union may have this very key.
      problem: `unknown key${didYouMean(
        key,
        known.filter((k) => k !== key),
      )}`,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.message === UNION_TEXT) {
    // The alternative that fits best says what is wrong.
    const best = issue.errors.reduce((a, b) => (b.length < a.length ? b : a));
    return best.flatMap((inner) =>
      findingsOf({ ...inner, path: [...issue.path, ...inner.path] }, schema, at),
    );
  }
  const { received, choices } = choiceOf(issue);
  const near = typeof received === 'string' ? didYouMean(received, choices) : '';
  // A check that compares the fields of an object says itself what it found.
  const isOwnWords = issue.code === 'custom' && (typeof received === 'object' || received === undefined);
  const got = isOwnWords ? '' : `, got ${shown(received, issue.path)}`;
  return [{ path: joinPath(at, issue.path), problem: `${issue.message}${got}${near}` }];
}

/** What was received, and the texts that would have been right where there are only a few. */
function choiceOf(issue: z.core.$ZodIssue): { received: unknown; choices: string[] } {
  const isText = (value: unknown) => typeof value === 'string';
  if (issue.code === 'invalid_value') return { received: issue.input, choices: issue.values.filter(isText) };
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    // The path leads to the deciding field, the input is the object around it.
    const object = issue.input as Record<string, unknown> | undefined;
    const { options } = issue as { options?: unknown[] };
    return { received: object?.[issue.discriminator], choices: (options ?? []).filter(isText) };
  }
  return { received: issue.input, choices: [] };
}

const UNION_TEXT = 'expected another kind of value';

/** What was expected, for schemas that do not say it in their own words. */
function expectedText(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeText(issue.expected)}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((v) => JSON.stringify(v)).join(', ')}`;
    case 'too_small':
      return `expected ${sizeText(issue.origin)}${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `expected ${sizeText(issue.origin)}${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_union':
      return Array.isArray(issue.options)
        ? `expected one of ${issue.options.map((v) => JSON.stringify(v)).join(', ')}`
        : UNION_TEXT;
    default:
      return undefined;
  }
}

function typeText(expected: string): string {
  const names: Record<string, string> = {
    string: 'a string',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return names[expected] ?? expected;
}

function sizeText(origin: string): string {
  if (origin === 'string') return 'a string whose length is ';
  if (origin === 'array') return 'a list whose length is ';
  return '';
}

/** The keys that objects at `path` of the schema may have, whatever optional or union wraps them. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const [first, ...rest] = path;
  return unwrapped(schema).flatMap((s) => {
    if (s instanceof z.ZodObject) {
      if (path.length === 0) return Object.keys(s.shape);
      return keysAt(s.shape[String(first)], rest);
    }
    if (s instanceof z.ZodArray && path.length > 0) return keysAt(s.element, rest);
    if (s instanceof z.ZodRecord && path.length > 0) return keysAt(s.valueType, rest);
    return [];
  });
}

function unwrapped(schema: unknown): unknown[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  if (schema instanceof z.ZodIntersection) {
    return [schema.def.left, schema.def.right].flatMap(unwrapped);
  }
  if (schema instanceof z.ZodPipe) return [schema.in, schema.out].flatMap(unwrapped);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrapped(schema.unwrap());
  }
  return [schema];
}
