/** Python's own functions, and the few of its library, that configs call. Everything else is not run. */
import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import type { Context } from './context.ts';
import { reprOf, strOf } from './format-method.ts';
import { type Arguments, dictFrom } from './methods.ts';
import { binary, order } from './operators.ts';
import {
  elementsOf,
  emptyDict,
  fail,
  isKind,
  isTrue,
  list,
  type PyValue,
  setItem,
  setOf,
  text,
  tuple,
  typeName,
  wholeNumber,
} from './values.ts';

type Func = (args: Arguments, context: Context) => PyValue;

const builtins: Record<string, Func> = {
  dict: (args, { budget }) => dictFrom(args, budget),
  list: ({ given }, { budget }) => list(given.length === 0 ? [] : elementsOf(given[0], budget)),
  tuple: ({ given }, { budget }) => tuple(given.length === 0 ? [] : elementsOf(given[0], budget)),
  set: ({ given }, { budget }) => setOf(given.length === 0 ? [] : elementsOf(given[0], budget)),
  str: ({ given }, { budget }) => (given.length === 0 ? '' : strOf(given[0], budget)),
  repr: ({ given }, { budget }) => reprOf(one(given), budget),
  int: ({ given }) =>
    given.length > 1 ? fail('int() of another base is not read') : numberFrom(given[0], 'int'),
  float: ({ given }) => numberFrom(given[0], 'float'),
  bool: ({ given }) => given.length > 0 && isTrue(given[0]),
  len: ({ given }, { budget }) => BigInt(elementsOf(one(given), budget).length),
  range: ({ given }, { budget }) => {
    const numbers = given.map((g) => wholeNumber(g, 'a bound'));
    const [start, stop, step = 1] = numbers.length === 1 ? [0, numbers[0]] : numbers;
    if (stop === undefined || step === 0) fail('range() needs a stop, and no step of 0');
    const count = Math.max(0, Math.ceil((stop - start) / step));
    budget.spend(count);
    return list(Array.from({ length: count }, (_, i) => BigInt(start + i * step)));
  },
  enumerate: ({ given, named }, { budget }) => {
    const first = wholeNumber(given[1] ?? named.get('start') ?? 0n, 'a start');
    return list(elementsOf(one(given), budget).map((item, i) => tuple([BigInt(first + i), item])));
  },
  zip: ({ given }, { budget }) => {
    const columns = given.map((g) => elementsOf(g, budget));
    const rows = columns.length === 0 ? 0 : Math.min(...columns.map((c) => c.length));
    return list(Array.from({ length: rows }, (_, i) => tuple(columns.map((c) => c[i]))));
  },
  sorted: ({ given, named }, { budget }) => {
    if (named.has('key')) fail('sorted() with a key is not read; write the list sorted');
    const items = elementsOf(one(given), budget).sort((a, b) => order(a, b, budget));
    return list(isTrue(named.get('reverse') ?? false) ? items.reverse() : items);
  },
  reversed: ({ given }, { budget }) => list(elementsOf(one(given), budget).reverse()),
  sum: ({ given, named }, { budget }) =>
    elementsOf(one(given), budget).reduce(
      (total, item) => binary('Add', total, item, budget),
      given[1] ?? named.get('start') ?? 0n,
    ),
  min: ({ given }, context) => extreme(given, context, -1),
  max: ({ given }, context) => extreme(given, context, 1),
  any: ({ given }, { budget }) => elementsOf(one(given), budget).some(isTrue),
  all: ({ given }, { budget }) => elementsOf(one(given), budget).every(isTrue),
  abs: ({ given }) => {
    const [value] = given;
    if (typeof value === 'bigint') return value < 0n ? -value : value;
    return typeof value === 'number' ? Math.abs(value) : fail('abs() needs a number');
  },
  chr: ({ given }) => {
    const code = wholeNumber(given[0], "a character's number");
    return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : fail('there is no such character');
  },
  ord: ({ given }) => BigInt(text(given[0], 'a character').codePointAt(0) ?? fail('the string is empty')),
  isinstance: ({ given: [value = null, type = null] }) => {
    const types = isKind(type, 'tuple') ? type.items : [type];
    // True and False are ints as well.
    return types.some(
      (t) =>
        isKind(t, 'builtin') &&
        (t.name === typeName(value) || (t.name === 'int' && typeName(value) === 'bool')),
    );
  },
  print: () => null,
};

/** Functions of the library by their dotted names; `import os.path as osp` leads here as well. */
const library: Record<string, Func> = {
  'os.path.join': ({ given }) =>
    given
      .map((g) => text(g, 'a part of a path'))
      .reduce((path, part) => (isAbsolute(part) ? part : join(path, part))),
  'os.path.dirname': ({ given }) => {
    const path = text(given[0], 'a path');
    return path.includes('/') || path.includes('\\') ? dirname(path) : '';
  },
  'os.path.abspath': ({ given }) => resolve(text(given[0], 'a path')),
  'os.path.realpath': ({ given }) => resolve(text(given[0], 'a path')),
  'os.path.normpath': ({ given }) => normalize(text(given[0], 'a path')),
  'os.path.basename': ({ given }) => text(given[0], 'a path').split(/[\\/]/).at(-1) ?? '',
  'os.path.expanduser': ({ given }, context) => {
    const path = text(given[0], 'a path');
    return path === '~' || path.startsWith('~/') ? `${context.env.HOME ?? '~'}${path.slice(1)}` : path;
  },
  'os.getenv': ({ given, named }, { env }) => variable(given, named, env),
  'os.environ.get': ({ given, named }, { env }) => variable(given, named, env),
  'copy.deepcopy': ({ given }, context) => copied(one(given), context),
  'copy.copy': ({ given }, context) => shallow(one(given), context),
  'mmengine.config.read_base': () => null,
};

/** `int('8')`, `int(2.7)`, `float('0.5')`. */
function numberFrom(value: PyValue | undefined, kind: 'int' | 'float'): bigint | number {
  if (typeof value === 'boolean') return kind === 'int' ? BigInt(value) : Number(value);
  if (typeof value === 'bigint') return kind === 'int' ? value : Number(value);
  if (typeof value === 'number') {
    if (kind === 'float') return value;
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : fail('no whole number is infinite');
  }
  if (typeof value !== 'string')
    return fail(
      `${kind}() needs a number or a string, got ${value === undefined ? 'nothing' : typeName(value)}`,
    );
  const plain = value.trim().replace(/(?<=\d)_(?=\d)/g, '');
  if (kind === 'int' && /^[+-]?\d{1,400}$/.test(plain)) return BigInt(plain.replace('+', ''));
  if (kind === 'float' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  return fail(`${kind}() cannot read this string as a number`);
}

function variable(
  given: readonly PyValue[],
  named: ReadonlyMap<string, PyValue>,
  env: Context['env'],
): PyValue {
  const name = text(given[0], 'the name of an environment variable');
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value ?? given[1] ?? named.get('default') ?? null;
}

function one(given: readonly PyValue[]): PyValue {
  return given[0] === undefined ? fail('a value is missing between the parentheses') : given[0];
}

function extreme(given: readonly PyValue[], { budget }: Context, sign: 1 | -1): PyValue {
  const values = given.length === 1 ? elementsOf(given[0], budget) : given;
  if (values.length === 0) return fail('there is no least or greatest of nothing');
  return values.reduce((best, value) => (order(value, best, budget) * sign > 0 ? value : best));
}

const MAX_DEPTH = 200;

/** Lists and dicts all the way down are new ones. */
export function copied(value: PyValue, context: Context, depth = 0): PyValue {
  context.budget.spend(1);
  if (depth > MAX_DEPTH) return fail('lists or dicts are nested too deeply, or hold themselves');
  const below = (item: PyValue) => copied(item, context, depth + 1);
  if (isKind(value, 'list')) return list(value.items.map(below));
  if (isKind(value, 'tuple')) return tuple(value.items.map(below));
  if (!isKind(value, 'dict')) return value;
  const dict = emptyDict();
  for (const entry of value.entries.values()) setItem(dict, entry.key, below(entry.value));
  return dict;
}

function shallow(value: PyValue, { budget }: Context): PyValue {
  if (isKind(value, 'list')) return list(elementsOf(value, budget));
  if (isKind(value, 'dict')) return dictFrom({ given: [value], named: new Map() }, budget);
  return value;
}

export function isBuiltin(name: string): boolean {
  return Object.hasOwn(builtins, name);
}

export function callBuiltin(name: string, args: Arguments, context: Context): PyValue {
  return builtins[name](args, context);
}

/** Calls a function of the library; any other imported name is code, which is not run. */
export function callSymbol(name: string, args: Arguments, context: Context): PyValue {
  if (Object.hasOwn(library, name)) return library[name](args, context);
  return fail(`${name}(…) is Python code, which is never run; write its result instead`);
}

/** `os.environ['X']` */
export function environmentVariable(key: PyValue, { env }: Context): PyValue {
  const name = text(key, 'the name of an environment variable');
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value ?? fail(`the environment variable ${name} is not set`);
}
