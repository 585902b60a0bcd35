/** Python's operators on values: arithmetic, comparison, joining. */
import { percentText } from './format-method.ts';
import {
  type Budget,
  elementsOf,
  fail,
  getItem,
  hashKey,
  isKind,
  list,
  type PyValue,
  setItem,
  spendText,
  tuple,
  typeName,
  wholeNumber,
} from './values.ts';

/** Bits of the largest whole number that is worked with. */
const MAX_BITS = 512;

const signs: Record<string, string> = {
  Add: '+',
  Sub: '-',
  Mult: '*',
  Div: '/',
  FloorDiv: '//',
  Mod: '%',
  Pow: '**',
  BitOr: '|',
  BitAnd: '&',
};

/** `op` is the name of the syntax node: Add, Sub, Mult … */
export function binary(op: string, left: PyValue, right: PyValue, budget: Budget): PyValue {
  const a = arithmetic(left);
  const b = arithmetic(right);
  if (a !== null && b !== null) return calculated(op, a, b);
  const found = joined(op, left, right, budget);
  if (found !== undefined) return found;
  const sign = Object.hasOwn(signs, op) ? signs[op] : op;
  return fail(`${typeName(left)} ${sign} ${typeName(right)} is not read; write the result instead`);
}

/** True and False count as 1 and 0. */
function arithmetic(value: PyValue): bigint | number | null {
  if (typeof value === 'boolean') return BigInt(value);
  return typeof value === 'bigint' || typeof value === 'number' ? value : null;
}

function calculated(op: string, a: bigint | number, b: bigint | number): PyValue {
  if (typeof a === 'bigint' && typeof b === 'bigint' && op !== 'Div') {
    const result = wholeResult(op, a, b);
    if (result !== null) return result;
  }
  const [x, y] = [Number(a), Number(b)];
  if (y === 0 && (op === 'Div' || op === 'FloorDiv' || op === 'Mod')) fail('division by zero');
  switch (op) {
    case 'Add':
      return x + y;
    case 'Sub':
      return x - y;
    case 'Mult':
      return x * y;
    case 'Div':
      return x / y;
    case 'FloorDiv':
      return Math.floor(x / y);
    case 'Mod':
      return x - Math.floor(x / y) * y;
    case 'Pow':
      return x ** y;
    default:
      return fail(`this operation on numbers is not read; write the result instead`);
  }
}

function wholeResult(op: string, a: bigint, b: bigint): bigint | null {
  switch (op) {
    case 'Add':
      return bounded(a + b);
    case 'Sub':
      return bounded(a - b);
    case 'Mult':
      return bounded(a * b);
    case 'FloorDiv':
    case 'Mod': {
      if (b === 0n) return fail('division by zero');
      // Python rounds down, JavaScript towards zero.
      const rest = ((a % b) + b) % b;
      return op === 'Mod' ? rest : (a - rest) / b;
    }
    case 'Pow':
      if (b < 0n) return null;
      if (BigInt(a.toString(2).length) * b > BigInt(MAX_BITS)) fail('the power is too large');
      return a ** b;
    case 'BitOr':
      return a | b;
    case 'BitAnd':
      return a & b;
    default:
      return null;
  }
}

const LIMIT = 1n << BigInt(MAX_BITS);

/** @throws Unreadable when the number is so large that working with it takes long. */
export function bounded(value: bigint): bigint {
  return value < LIMIT && value > -LIMIT ? value : fail('the number is too large');
}

function joined(op: string, left: PyValue, right: PyValue, budget: Budget): PyValue | undefined {
  if (op === 'Mod' && typeof left === 'string') return percentText(left, right, budget);
  if (op === 'Mult') return repeated(left, right, budget) ?? repeated(right, left, budget);
  if (op === 'BitOr') return merged(left, right, budget);
  if (op === 'Sub' && isKind(left, 'set') && isKind(right, 'set')) {
    const others = right.entries;
    return { kind: 'set', entries: new Map([...left.entries].filter(([hash]) => !others.has(hash))) };
  }
  if (op !== 'Add') return undefined;
  if (typeof left === 'string' && typeof right === 'string') {
    spendText(budget, left.length + right.length);
    return left + right;
  }
  for (const kind of ['list', 'tuple'] as const) {
    if (!isKind(left, kind) || !isKind(right, kind)) continue;
    budget.spend(left.items.length + right.items.length);
    const items = [...left.items, ...right.items];
    return kind === 'list' ? list(items) : tuple(items);
  }
  return undefined;
}

function repeated(sequence: PyValue, count: PyValue, budget: Budget): PyValue | undefined {
  if (arithmetic(count) === null || typeof count === 'number') return undefined;
  if (typeof sequence === 'string') {
    const times = Math.max(0, wholeNumber(count, 'a number of repetitions'));
    spendText(budget, sequence.length * times);
    return sequence.repeat(times);
  }
  if (!isKind(sequence, 'list') && !isKind(sequence, 'tuple')) return undefined;
  const times = Math.max(0, wholeNumber(count, 'a number of repetitions'));
  budget.spend(sequence.items.length * times);
  const items = sequence.items.length === 0 ? [] : Array.from({ length: times }, () => sequence.items).flat();
  return isKind(sequence, 'list') ? list(items) : tuple(items);
}

function merged(left: PyValue, right: PyValue, budget: Budget): PyValue | undefined {
  if (isKind(left, 'dict') && isKind(right, 'dict')) {
    budget.spend(left.entries.size + right.entries.size);
    const dict = { kind: 'dict' as const, entries: new Map(left.entries) };
    for (const { key, value } of right.entries.values()) setItem(dict, key, value);
    return dict;
  }
  if (isKind(left, 'set') && isKind(right, 'set')) {
    budget.spend(left.entries.size + right.entries.size);
    return { kind: 'set', entries: new Map([...left.entries, ...right.entries]) };
  }
  // Type hints such as `list[str] | None`.
  const isType = (value: PyValue) => value === null || isKind(value, 'builtin') || isKind(value, 'ref');
  return isType(left) && isType(right) ? left : undefined;
}

/** `op` is the name of the syntax node: Eq, Lt, In, Is … */
export function compare(op: string, left: PyValue, right: PyValue, budget: Budget): boolean {
  switch (op) {
    case 'Eq':
      return isEqual(left, right, budget);
    case 'NotEq':
      return !isEqual(left, right, budget);
    case 'In':
      return contains(right, left, budget);
    case 'NotIn':
      return !contains(right, left, budget);
    case 'Is':
      return isSame(left, right);
    case 'IsNot':
      return !isSame(left, right);
    case 'Lt':
      return order(left, right, budget) < 0;
    case 'LtE':
      return order(left, right, budget) <= 0;
    case 'Gt':
      return order(left, right, budget) > 0;
    case 'GtE':
      return order(left, right, budget) >= 0;
    default:
      return fail(`the comparison ${op} is not read`);
  }
}

export function isEqual(left: PyValue, right: PyValue, budget: Budget): boolean {
  budget.spend(1);
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length === right.length) spendText(budget, left.length);
    return left === right;
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    const a = arithmetic(left);
    const b = arithmetic(right);
    if (a !== null && b !== null) return a === b || (typeof a !== typeof b && Number(a) === Number(b));
    return left === right;
  }
  return left.kind === right.kind && isEqualInside(left, right, budget);
}

/** Of two values of one kind. */
function isEqualInside(
  left: Exclude<PyValue, bigint | number | string | boolean | null>,
  right: Exclude<PyValue, bigint | number | string | boolean | null>,
  budget: Budget,
): boolean {
  if ((isKind(left, 'list') || isKind(left, 'tuple')) && 'items' in right) {
    const { items } = right;
    return left.items.length === items.length && left.items.every((x, i) => isEqual(x, items[i], budget));
  }
  if (isKind(left, 'dict') && isKind(right, 'dict')) {
    if (left.entries.size !== right.entries.size) return false;
    return [...left.entries.values()].every((e) => {
      const other = getItem(right, e.key);
      return other !== undefined && isEqual(e.value, other, budget);
    });
  }
  if (isKind(left, 'set') && isKind(right, 'set')) {
    return (
      left.entries.size === right.entries.size && [...left.entries.keys()].every((k) => right.entries.has(k))
    );
  }
  return 'name' in left && 'name' in right && left.name === right.name;
}

function isSame(left: PyValue, right: PyValue): boolean {
  if (isKind(left, 'ref') && isKind(right, 'ref')) return left.name === right.name;
  return left === right;
}

function contains(container: PyValue, value: PyValue, budget: Budget): boolean {
  if (typeof container === 'string') {
    if (typeof value !== 'string') return fail(`only a string can be in a string, not a ${typeName(value)}`);
    spendText(budget, container.length);
    return container.includes(value);
  }
  if (isKind(container, 'dict') || isKind(container, 'set')) return container.entries.has(hashKey(value));
  return elementsOf(container, budget).some((item) => isEqual(item, value, budget));
}

/** Below, at or above 0. @throws Unreadable for values without an order. */
export function order(left: PyValue, right: PyValue, budget: Budget): number {
  budget.spend(1);
  const a = arithmetic(left);
  const b = arithmetic(right);
  if (a !== null && b !== null) return sideOf(a, b);
  if (typeof left === 'string' && typeof right === 'string') return sideOf(left, right);
  for (const kind of ['list', 'tuple'] as const) {
    if (!isKind(left, kind) || !isKind(right, kind)) continue;
    const [x, y] = [left.items, right.items];
    const at = x.findIndex((item, i) => i < y.length && !isEqual(item, y[i], budget));
    return at < 0 ? x.length - y.length : order(x[at], y[at], budget);
  }
  return fail(`${typeName(left)} and ${typeName(right)} have no order`);
}

function sideOf<T extends number | bigint | string>(a: T, b: T): number {
  // Not by ===: a whole number is a bigint, and 1 equals 1.0 in Python.
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
