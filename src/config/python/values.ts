/** What a Python expression of a task config can come to. `bigint` is Python's int, `number` its float. */

export type PyValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | PyList
  | PyTuple
  | PyDict
  | PySet
  | PyRef
  | PyBuiltin
  | PyMethod;

export interface PyList {
  kind: 'list';
  items: PyValue[];
}

export interface PyTuple {
  kind: 'tuple';
  items: readonly PyValue[];
}

/** By the key's `hashKey`, so that 1, 1.0 and True are one key and no name is special. */
export interface PyDict {
  kind: 'dict';
  entries: Map<string, { key: PyValue; value: PyValue }>;
}

export interface PySet {
  kind: 'set';
  entries: Map<string, PyValue>;
}

/** A class, function or module that an import names. It is never looked into. */
export interface PyRef {
  kind: 'ref';
  /** `ais_bench.benchmark.models.VLLMCustomAPIChat` */
  name: string;
}

interface PyBuiltin {
  kind: 'builtin';
  name: string;
}

interface PyMethod {
  kind: 'method';
  self: PyValue;
  name: string;
}

/** A construct or an operation that is not read. The evaluator adds file and line. */
export class Unreadable extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'Unreadable';
  }
}

export function fail(problem: string): never {
  throw new Unreadable(problem);
}

/** Counts the work of one load, over all its files, so that no config can hang or fill the memory. */
export interface Budget {
  /** Throws `Unreadable` when the sum of all costs is above the limit. */
  spend(cost: number): void;
}

const MAX_STEPS = 500_000;
const MAX_TEXT = 1_000_000;
/** A step's worth of text. */
const CHARS_PER_STEP = 64;

export function newBudget(): Budget {
  let left = MAX_STEPS;
  return {
    spend(cost) {
      left -= cost;
      if (!(left >= 0)) fail(`the file needs more than ${MAX_STEPS} steps to read; write its result instead`);
    },
  };
}

/** Pays for a text of `length` before it is made. */
export function spendText(budget: Budget, length: number): void {
  if (length > MAX_TEXT) fail(`a text of more than ${MAX_TEXT} characters is not read`);
  budget.spend(1 + Math.ceil(length / CHARS_PER_STEP));
}

export const list = (items: PyValue[] = []): PyList => ({ kind: 'list', items });
export const tuple = (items: readonly PyValue[]): PyTuple => ({ kind: 'tuple', items });
export const emptyDict = (): PyDict => ({ kind: 'dict', entries: new Map() });
export const ref = (name: string): PyRef => ({ kind: 'ref', name });

export function isKind<K extends 'list' | 'tuple' | 'dict' | 'set' | 'ref' | 'builtin' | 'method'>(
  value: PyValue | undefined,
  kind: K,
): value is Extract<PyValue, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** Python's name of the value's type, for messages. */
export function typeName(value: PyValue): string {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'str';
    default:
      return value.kind === 'ref' ? value.name : value.kind;
  }
}

const MAX_KEY = 10_000;
/** Tuples as keys: more would only hold up, as the same tuple may stand in another many times. */
const MAX_KEY_PARTS = 32;
const MAX_KEY_DEPTH = 3;

/** Equal for keys that Python takes for one. @throws Unreadable for what cannot be a key. */
export function hashKey(value: PyValue, depth = 0): string {
  if (typeof value === 'boolean') return value ? 'n1' : 'n0';
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  if (typeof value === 'string')
    return value.length > MAX_KEY ? fail('the string is too long for a key') : `s${value}`;
  if (value === null) return 'None';
  if (value.kind === 'ref' || value.kind === 'builtin') return `r${value.name}`;
  if (value.kind === 'tuple') {
    if (depth === MAX_KEY_DEPTH || value.items.length > MAX_KEY_PARTS)
      fail('the tuple is too large for a key');
    return `t${JSON.stringify(value.items.map((item) => hashKey(item, depth + 1)))}`;
  }
  return fail(`a ${typeName(value)} cannot be a key`);
}

export function setItem(dict: PyDict, key: PyValue, value: PyValue): void {
  const hash = hashKey(key);
  // A key that is there stays as it is, as in Python.
  dict.entries.set(hash, { key: dict.entries.get(hash)?.key ?? key, value });
}

export function getItem(dict: PyDict, key: PyValue): PyValue | undefined {
  return dict.entries.get(hashKey(key))?.value;
}

export function setOf(items: Iterable<PyValue>): PySet {
  const entries = new Map<string, PyValue>();
  for (const item of items) entries.set(hashKey(item), item);
  return { kind: 'set', entries };
}

export function isTrue(value: PyValue): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.length > 0;
    case 'dict':
    case 'set':
      return value.entries.size > 0;
    default:
      return true;
  }
}

/** The elements that a `for` walks over; a copy, which may be changed meanwhile. */
export function elementsOf(value: PyValue, budget: Budget): PyValue[] {
  const items = elements(value);
  if (!items) return fail(`a ${typeName(value)} has no elements to go through`);
  budget.spend(items.length);
  return items;
}

function elements(value: PyValue): PyValue[] | null {
  if (typeof value === 'string') return [...value];
  if (typeof value !== 'object' || value === null) return null;
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return [...value.items];
    case 'dict':
      return [...value.entries.values()].map((e) => e.key);
    case 'set':
      return [...value.entries.values()];
    default:
      return null;
  }
}

/** An int of Python's as a number. @throws Unreadable when it is none, or beyond what is exact. */
export function wholeNumber(value: PyValue | undefined, what: string): number {
  const int = typeof value === 'boolean' ? BigInt(value) : value;
  if (typeof int !== 'bigint') return fail(`expected a whole number as ${what}, got ${shownType(value)}`);
  const number = Number(int);
  return Number.isSafeInteger(number) ? number : fail(`${what} is too large`);
}

export function text(value: PyValue | undefined, what: string): string {
  return typeof value === 'string' ? value : fail(`expected a string as ${what}, got ${shownType(value)}`);
}

export function shownType(value: PyValue | undefined): string {
  return value === undefined ? 'nothing' : typeName(value);
}
