/** From Python's values to plain ones as a TypeScript config exports them, and back. */

import { isObject } from '../../core/json-object.ts';
import type { Findings } from '../mistakes.ts';
import type { Source } from '../source.ts';
import { type Budget, emptyDict, fail, list, type PyValue, setItem, typeName } from './values.ts';

/** Marks the plain form of a class or function that an import names; no JSON has such a key. */
const SYMBOL = Symbol('name of a Python class or function');

/** `{ [SYMBOL]: 'ais_bench.benchmark.models.VLLMCustomAPIChat' }` */
interface NamedSymbol {
  [SYMBOL]: string;
}

const MAX_DEPTH = 200;

/** Lists, tuples and sets become arrays, dicts objects, numbers numbers, and names of Python code `NamedSymbol`s. */
export function toPlain(value: PyValue, budget: Budget, depth = 0): unknown {
  budget.spend(1);
  if (depth > MAX_DEPTH) fail('lists or dicts are nested too deeply, or hold themselves');
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : fail(`the number ${shortened(value)} is too large`);
  }
  if (typeof value !== 'object' || value === null) return value;
  const below = (item: PyValue) => toPlain(item, budget, depth + 1);
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.map(below);
    case 'set':
      return [...value.entries.values()].map(below);
    case 'dict':
      // Defines own fields whatever their names, `__proto__` too.
      return Object.fromEntries(
        [...value.entries.values()].map((e) => [plainKey(e.key), below(e.value)] as const),
      );
    default:
      return { [SYMBOL]: value.name } satisfies NamedSymbol;
  }
}

function plainKey(key: PyValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'bigint' || typeof key === 'number') return String(key);
  return fail(`a ${typeName(key)} cannot be the name of a field; use a string`);
}

function shortened(value: bigint): string {
  const digits = String(value);
  return digits.length > 24 ? `${digits.slice(0, 20)}…` : digits;
}

/** What a base config in TypeScript or JSON exports, as Python's values. */
export function fromPlain(value: unknown, budget: Budget, depth = 0): PyValue {
  budget.spend(1);
  if (depth > MAX_DEPTH) fail('its lists or objects are nested too deeply, or hold themselves');
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  const below = (item: unknown) => fromPlain(item, budget, depth + 1);
  if (Array.isArray(value)) return list(value.map(below));
  if (typeof value !== 'object') return fail(`it exports a ${typeof value} where a value was expected`);
  const dict = emptyDict();
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) setItem(dict, key, below(item));
  }
  return dict;
}

/** The last part of a class's name, whether it was imported or written as a (dotted) text; else null. */
export function className(value: unknown): string | null {
  const name = symbolName(value) ?? value;
  return typeof name === 'string' ? (name.split('.').at(-1) ?? '') : null;
}

/** The dotted name of a `NamedSymbol`, else null. */
function symbolName(value: unknown): string | null {
  const isSymbol = typeof value === 'object' && value !== null && SYMBOL in value;
  return isSymbol ? (value as NamedSymbol)[SYMBOL] : null;
}

/** An object that is no name of Python code. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return isObject(value) && symbolName(value) === null;
}

/** Reports every name of Python code that stands where a value must; true when there is one. */
export function refuseSymbols(source: Source, findings: Findings): boolean {
  const before = findings.mistakes.length;
  const visit = (value: unknown, path: string): void => {
    const name = symbolName(value);
    if (name !== null) {
      const problem = `expected a value, got the name ${name} of Python code, which is never run`;
      findings.mistakes.push({ file: source.file, path, problem });
    } else if (Array.isArray(value)) {
      value.forEach((item, i) => void visit(item, `${path}[${i}]`));
    } else if (isPlainObject(value)) {
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`);
    }
  };
  visit(source.value, source.path);
  return findings.mistakes.length > before;
}
