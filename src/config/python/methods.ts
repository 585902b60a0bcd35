/** The methods of texts, lists and dicts that configs use. Own keys only: no name reaches into JavaScript. */
import { formatText } from './format-method.ts';
import { isEqual, order } from './operators.ts';
import { deleteElement, elementAt } from './subscripts.ts';
import {
  type Budget,
  elementsOf,
  emptyDict,
  fail,
  getItem,
  hashKey,
  isKind,
  list,
  type PyDict,
  type PyList,
  type PySet,
  type PyTuple,
  type PyValue,
  setItem,
  setOf,
  spendText,
  text,
  tuple,
  wholeNumber,
} from './values.ts';

export interface Arguments {
  given: readonly PyValue[];
  named: ReadonlyMap<string, PyValue>;
}

type Method<T> = (self: T, args: Arguments, budget: Budget) => PyValue;

const onText: Record<string, Method<string>> = {
  format: (self, { given, named }, budget) => formatText(self, given, named, budget),
  join: (self, { given }, budget) => {
    const parts = elementsOf(given[0] ?? null, budget).map((p) => text(p, 'every part'));
    spendText(
      budget,
      parts.reduce((sum, part) => sum + part.length + self.length, 0),
    );
    return parts.join(self);
  },
  strip: (self, { given }) => stripped(self, given[0], true, true),
  lstrip: (self, { given }) => stripped(self, given[0], true, false),
  rstrip: (self, { given }) => stripped(self, given[0], false, true),
  split: (self, { given }, budget) => list(parted(self, given[0], given[1], budget)),
  rsplit: (self, { given }, budget) => {
    if (given[1] === undefined) return list(parted(self, given[0], undefined, budget));
    const mark = text(given[0], 'what separates');
    const parts = mark === '' ? fail('nothing separates') : self.split(mark);
    const times = wholeNumber(given[1], 'a number of splits');
    const kept = times < 0 ? 1 : Math.max(1, parts.length - times);
    return list([parts.slice(0, kept).join(mark), ...parts.slice(kept)]);
  },
  splitlines: (self) => list(self === '' ? [] : self.replace(/(\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/)),
  replace: (self, { given }, budget) => {
    const [from, to] = [text(given[0], 'what to replace'), text(given[1], 'its replacement')];
    const times = given[2] === undefined ? -1 : wholeNumber(given[2], 'a number of replacements');
    const parts = from === '' ? fail('nothing is to be replaced') : self.split(from);
    spendText(budget, self.length + parts.length * to.length);
    budget.spend(parts.length / 8);
    const changed = times < 0 ? parts.length - 1 : Math.min(times, parts.length - 1);
    return [parts.slice(0, changed + 1).join(to), ...parts.slice(changed + 1)].join(from);
  },
  lower: (self) => self.toLowerCase(),
  upper: (self) => self.toUpperCase(),
  capitalize: (self) => self.slice(0, 1).toUpperCase() + self.slice(1).toLowerCase(),
  title: (self) => self.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, (c) => c.toUpperCase()),
  startswith: (self, { given }) => affixes(given[0]).some((a) => self.startsWith(a)),
  endswith: (self, { given }) => affixes(given[0]).some((a) => self.endsWith(a)),
  removeprefix: (self, { given }) => {
    const affix = text(given[0], 'a prefix');
    return self.startsWith(affix) ? self.slice(affix.length) : self;
  },
  removesuffix: (self, { given }) => {
    const affix = text(given[0], 'a suffix');
    return affix !== '' && self.endsWith(affix) ? self.slice(0, -affix.length) : self;
  },
  find: (self, { given }) => BigInt(self.indexOf(text(given[0], 'what to find'))),
  count: (self, { given }) => {
    const part = text(given[0], 'what to count');
    return BigInt(part === '' ? self.length + 1 : self.split(part).length - 1);
  },
  isdigit: (self) => /^\d+$/.test(self),
  zfill: (self, { given }, budget) => {
    const width = wholeNumber(given[0], 'a width');
    spendText(budget, width);
    const [sign, digits] = /^[+-]/.test(self) ? [self[0], self.slice(1)] : ['', self];
    return sign + digits.padStart(width - sign.length, '0');
  },
};

function stripped(self: string, characters: PyValue | undefined, left: boolean, right: boolean): string {
  const set =
    characters === undefined || characters === null ? null : new Set(text(characters, 'characters'));
  const goes = (c: string) => (set ? set.has(c) : /\s/.test(c));
  let start = 0;
  let end = self.length;
  while (left && start < end && goes(self[start])) start++;
  while (right && end > start && goes(self[end - 1])) end--;
  return self.slice(start, end);
}

function parted(self: string, by: PyValue | undefined, most: PyValue | undefined, budget: Budget): string[] {
  spendText(budget, self.length);
  budget.spend(self.length / 8);
  if (by === undefined || by === null) {
    if (most !== undefined)
      fail('split() by white space a given number of times is not read; write the list');
    return self.split(/\s+/).filter((part) => part !== '');
  }
  const mark = text(by, 'what separates');
  const parts = mark === '' ? fail('nothing separates') : self.split(mark);
  const times = most === undefined ? -1 : wholeNumber(most, 'a number of splits');
  return times < 0 || parts.length <= times
    ? parts
    : [...parts.slice(0, times), parts.slice(times).join(mark)];
}

function affixes(value: PyValue | undefined): string[] {
  if (isKind(value, 'tuple')) return value.items.map((v) => text(v, 'a prefix or suffix'));
  return [text(value, 'a prefix or suffix')];
}

const onList: Record<string, Method<PyList>> = {
  append: (self, { given }) => nothing(self.items.push(given[0] ?? null)),
  extend: (self, { given }, budget) => {
    for (const item of elementsOf(given[0] ?? null, budget)) self.items.push(item);
    return null;
  },
  insert: (self, { given }, budget) => {
    budget.spend(self.items.length);
    return nothing(self.items.splice(wholeNumber(given[0], 'a position'), 0, given[1] ?? null));
  },
  pop: (self, { given }, budget) => {
    const at = given[0] ?? -1n;
    const item = elementAt(self, at, budget);
    deleteElement(self, at, budget);
    return item;
  },
  remove: (self, { given }, budget) => {
    const at = self.items.findIndex((item) => isEqual(item, given[0] ?? null, budget));
    return at < 0 ? fail('the list does not hold what is to be removed') : nothing(self.items.splice(at, 1));
  },
  clear: (self) => nothing(self.items.splice(0)),
  copy: (self, _, budget) => list(elementsOf(self, budget)),
  reverse: (self, _, budget) => {
    budget.spend(self.items.length);
    return nothing(self.items.reverse());
  },
  sort: (self, { given, named }, budget) => {
    if (given.length > 0 || named.size > 0)
      fail('sort() with a key or in reverse is not read; write the list sorted');
    budget.spend(self.items.length);
    return nothing(self.items.sort((a, b) => order(a, b, budget)));
  },
};

const onSequence: Record<string, Method<PyList | PyTuple>> = {
  index: (self, { given }, budget) => {
    const at = self.items.findIndex((item) => isEqual(item, given[0] ?? null, budget));
    return at < 0 ? fail('the value is not in it') : BigInt(at);
  },
  count: (self, { given }, budget) =>
    BigInt(self.items.filter((item) => isEqual(item, given[0] ?? null, budget)).length),
};

const onDict: Record<string, Method<PyDict>> = {
  get: (self, { given }) => getItem(self, given[0] ?? null) ?? given[1] ?? null,
  keys: (self, _, budget) => list(elementsOf(self, budget)),
  values: (self, _, budget) => {
    budget.spend(self.entries.size);
    return list([...self.entries.values()].map((e) => e.value));
  },
  items: (self, _, budget) => {
    budget.spend(self.entries.size);
    return list([...self.entries.values()].map((e) => tuple([e.key, e.value])));
  },
  update: (self, args, budget) => {
    const { entries } = dictFrom(args, budget);
    for (const { key, value } of entries.values()) setItem(self, key, value);
    return null;
  },
  copy: (self, _, budget) => {
    budget.spend(self.entries.size);
    return { kind: 'dict', entries: new Map(self.entries) };
  },
  pop: (self, { given }) => {
    const found = getItem(self, given[0] ?? null) ?? given[1];
    if (found === undefined) return fail('the dict has no such key');
    self.entries.delete(hashKey(given[0] ?? null));
    return found;
  },
  setdefault: (self, { given }, budget) => {
    const [key = null, fallback = null] = given;
    if (getItem(self, key) === undefined) setItem(self, key, fallback);
    return elementAt(self, key, budget);
  },
  clear: (self) => nothing(self.entries.clear()),
};

const onSet: Record<string, Method<PySet>> = {
  add: (self, { given }) => nothing(self.entries.set(hashKey(given[0] ?? null), given[0] ?? null)),
  union: (self, { given }, budget) =>
    setOf([...elementsOf(self, budget), ...given.flatMap((g) => elementsOf(g, budget))]),
};

/** `dict(pairs or dict, **named)`, also what `update` takes. */
export function dictFrom({ given, named }: Arguments, budget: Budget): PyDict {
  const dict = emptyDict();
  if (given.length > 1) fail('dict() takes one value and named ones');
  const [first] = given;
  budget.spend(named.size);
  if (isKind(first, 'dict')) {
    budget.spend(first.entries.size);
    for (const { key, value } of first.entries.values()) setItem(dict, key, value);
  } else if (first !== undefined) {
    for (const pair of elementsOf(first, budget)) {
      const both = elementsOf(pair, budget);
      if (both.length !== 2) fail('dict() needs pairs of a key and a value');
      setItem(dict, both[0], both[1]);
    }
  }
  for (const [name, value] of named) setItem(dict, name, value);
  return dict;
}

function nothing(_: unknown): null {
  return null;
}

export function hasMethod(self: PyValue, name: string): boolean {
  return tablesOf(self).some((table) => Object.hasOwn(table, name));
}

export function callMethod(self: PyValue, name: string, args: Arguments, budget: Budget): PyValue {
  budget.spend(1);
  if (typeof self === 'string') spendText(budget, self.length);
  const table = tablesOf(self).find((t) => Object.hasOwn(t, name));
  // The table was chosen by the kind of `self`.
  const method = table?.[name] as Method<PyValue> | undefined;
  return method ? method(self, args, budget) : fail(`.${name}() is not read; write its result instead`);
}

function tablesOf(self: PyValue): Record<string, unknown>[] {
  if (typeof self === 'string') return [onText];
  if (isKind(self, 'list')) return [onList, onSequence];
  if (isKind(self, 'tuple')) return [onSequence];
  if (isKind(self, 'dict')) return [onDict];
  if (isKind(self, 'set')) return [onSet];
  return [];
}
