/** What a name, or a name behind a dot, stands for. */
import { didYouMean } from '../nearest.ts';
import { type Context, lookUp } from './context.ts';
import { isBuiltin } from './functions.ts';
import { hasMethod } from './methods.ts';
import { emptyDict, fail, getItem, isKind, type PyValue, ref, setItem, typeName } from './values.ts';

export function named(name: string, context: Context): PyValue {
  const value = lookUp(context.scope, name);
  if (value !== undefined) return value;
  if (name === '__file__') return context.file;
  if (name === '__name__') return 'config';
  if (isBuiltin(name) || name === 'locals' || name === 'globals') return { kind: 'builtin', name };
  const known = [...context.scope.names.keys()];
  return fail(`no value is known for the name ${name}${didYouMean(name, known)}`);
}

export function attribute(value: PyValue, name: string): PyValue {
  if (isKind(value, 'ref')) return ref(`${value.name}.${name}`);
  if (hasMethod(value, name)) return { kind: 'method', self: value, name };
  // Base configs are dicts whose keys can be read as attributes.
  const item = isKind(value, 'dict') ? getItem(value, name) : undefined;
  return item ?? fail(`.${name} of a ${typeName(value)} is not read; write its value instead`);
}

/** What `locals()` gives, for configs that gather all lists whose name ends in `_datasets`. */
export function namesSoFar(context: Context): PyValue {
  const found = emptyDict();
  for (const [name, value] of context.scope.names) {
    context.budget.spend(1);
    setItem(found, name, value);
  }
  return found;
}
