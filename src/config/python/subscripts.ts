/** `x[1]`, `x['key']`, `x[1:3]`: reading, writing and deleting elements. */
import {
  type Budget,
  fail,
  getItem,
  hashKey,
  isKind,
  list,
  type PyValue,
  setItem,
  shownType,
  tuple,
  typeName,
  wholeNumber,
} from './values.ts';

/** The parts of `[lower:upper:step]`; null where nothing stands. */
export interface SliceParts {
  lower: PyValue;
  upper: PyValue;
  step: PyValue;
}

export function elementAt(value: PyValue, key: PyValue, budget: Budget): PyValue {
  if (isKind(value, 'dict')) {
    const found = getItem(value, key);
    return found === undefined ? fail(`the dict has no key ${keyText(key)}`) : found;
  }
  if (typeof value === 'string') {
    budget.spend(value.length);
    const characters = [...value];
    return characters[indexIn(characters.length, key)];
  }
  if (isKind(value, 'list') || isKind(value, 'tuple')) return value.items[indexIn(value.items.length, key)];
  // `dict[str, int]` and the like are type hints.
  if (isKind(value, 'builtin') || isKind(value, 'ref')) return value;
  return fail(`a ${typeName(value)} has no elements`);
}

export function setElement(value: PyValue, key: PyValue, item: PyValue): void {
  if (isKind(value, 'dict')) setItem(value, key, item);
  else if (isKind(value, 'list')) value.items[indexIn(value.items.length, key)] = item;
  else fail(`the elements of a ${typeName(value)} cannot be set`);
}

export function deleteElement(value: PyValue, key: PyValue, budget: Budget): void {
  if (isKind(value, 'dict')) {
    if (!value.entries.delete(hashKey(key))) fail(`the dict has no key ${keyText(key)}`);
  } else if (isKind(value, 'list')) {
    budget.spend(value.items.length / 64);
    value.items.splice(indexIn(value.items.length, key), 1);
  } else fail(`the elements of a ${typeName(value)} cannot be deleted`);
}

export function sliceOf(value: PyValue, parts: SliceParts, budget: Budget): PyValue {
  if (typeof value === 'string') return picked([...value], parts, budget).join('');
  if (isKind(value, 'list')) return list(picked(value.items, parts, budget));
  if (isKind(value, 'tuple')) return tuple(picked(value.items, parts, budget));
  return fail(`a ${typeName(value)} has no slices`);
}

/** Python's rule: each part may be left out, negative positions count from the end, ends are clamped. */
function picked<T>(items: readonly T[], { lower, upper, step }: SliceParts, budget: Budget): T[] {
  budget.spend(items.length);
  const by = step === null ? 1 : wholeNumber(step, 'a step');
  if (by === 0) fail('a slice has no step of 0');
  const size = items.length;
  const [low, high] = by > 0 ? [0, size] : [-1, size - 1];
  const place = (at: PyValue, fallback: number) => {
    if (at === null) return fallback;
    const index = wholeNumber(at, 'a position');
    return Math.min(Math.max(index < 0 ? index + size : index, low), high);
  };
  const end = place(upper, by > 0 ? high : low);
  const found: T[] = [];
  for (let at = place(lower, by > 0 ? low : high); by > 0 ? at < end : at > end; at += by)
    found.push(items[at]);
  return found;
}

function indexIn(size: number, key: PyValue): number {
  const index = wholeNumber(key, 'a position');
  const at = index < 0 ? index + size : index;
  return at >= 0 && at < size ? at : fail(`there is no element [${index}]: there are ${size}`);
}

function keyText(key: PyValue): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'bigint' ? String(key) : shownType(key);
}
