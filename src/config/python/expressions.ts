/** Evaluates expressions. Names of imported Python code stay names; nothing of it is ever run. */
import type { Comprehension, ExprNode } from 'py-ast';
import { type Context, inScope } from './context.ts';
import { formatted, reprOf, strOf } from './format-method.ts';
import { callBuiltin, callSymbol, environmentVariable } from './functions.ts';
import { constant } from './literals.ts';
import { type Arguments, callMethod } from './methods.ts';
import { attribute, named, namesSoFar } from './names.ts';
import { binary, compare } from './operators.ts';
import { elementAt, setElement, sliceOf } from './subscripts.ts';
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
  spendText,
  tuple,
  typeName,
} from './values.ts';

type Node<K extends ExprNode['nodeType']> = Extract<ExprNode, { nodeType: K }>;

/** The value of an expression. @throws Unreadable, with `context.line` at the place. */
export function evaluate(node: ExprNode, context: Context): PyValue {
  const around = context.line;
  context.line = node.lineno;
  context.budget.spend(1);
  const value = evaluated(node, context);
  context.line = around;
  return value;
}

function evaluated(node: ExprNode, context: Context): PyValue {
  switch (node.nodeType) {
    case 'Constant':
      return constant(node, context);
    case 'Name':
      return named(node.id, context);
    case 'Attribute':
      return attribute(evaluate(node.value, context), node.attr);
    case 'Subscript':
      return subscript(node, context);
    case 'Call':
      return call(node, context);
    case 'List':
      return list(items(node.elts, context));
    case 'Tuple':
      return tuple(items(node.elts, context));
    case 'Set':
      return setOf(items(node.elts, context));
    case 'Dict':
      return dict(node, context);
    case 'JoinedStr':
      return fString(node, context);
    case 'BinOp':
      return binary(
        node.op.nodeType,
        evaluate(node.left, context),
        evaluate(node.right, context),
        context.budget,
      );
    case 'UnaryOp':
      return unary(node.op.nodeType, evaluate(node.operand, context));
    case 'BoolOp':
      return either(node, context);
    case 'Compare':
      return compared(node, context);
    case 'IfExp':
      return evaluate(isTrue(evaluate(node.test, context)) ? node.body : node.orelse, context);
    case 'ListComp':
    case 'GeneratorExp':
      return list(collected(node, context, () => evaluate(node.elt, context)));
    case 'SetComp':
      return setOf(collected(node, context, () => evaluate(node.elt, context)));
    case 'DictComp':
      return dictComprehension(node, context);
    default:
      return unreadable(node.nodeType);
  }
}

const instead: Record<string, string> = {
  Lambda: 'a lambda is a function, and no function is run; write its results instead',
  NamedExpr: ':= is not read; give the name its value on a line of its own',
  Await: 'await is not read; write the value instead',
  Yield: 'yield is not read; write a list instead',
  YieldFrom: 'yield is not read; write a list instead',
  Starred: 'a * can stand only in a list, a tuple or a call',
  TemplateStr: 'template strings are not read; use an f-string',
};

function unreadable(nodeType: string): never {
  const known = Object.hasOwn(instead, nodeType) ? instead[nodeType] : null;
  return fail(known ?? `${nodeType} is not read; write its value instead`);
}

function subscript({ value, slice }: Node<'Subscript'>, context: Context): PyValue {
  const object = evaluate(value, context);
  if (slice.nodeType === 'Slice') {
    const part = (node: ExprNode | null | undefined) => (node ? evaluate(node, context) : null);
    const parts = { lower: part(slice.lower), upper: part(slice.upper), step: part(slice.step) };
    return sliceOf(object, parts, context.budget);
  }
  const key = evaluate(slice, context);
  if (isKind(object, 'ref') && object.name === 'os.environ') return environmentVariable(key, context);
  return elementAt(object, key, context.budget);
}

function call(node: Node<'Call'>, context: Context): PyValue {
  const callee = evaluate(node.func, context);
  const args: Arguments = { given: items(node.args, context), named: namedArguments(node, context) };
  if (isKind(callee, 'method')) return callMethod(callee.self, callee.name, args, context.budget);
  if (isKind(callee, 'ref')) return callSymbol(callee.name, args, context);
  if (!isKind(callee, 'builtin')) return fail(`a ${typeName(callee)} cannot be called`);
  if (callee.name === 'locals' || callee.name === 'globals') return namesSoFar(context);
  return callBuiltin(callee.name, args, context);
}

function namedArguments(node: Node<'Call'>, context: Context): Map<string, PyValue> {
  const found = new Map<string, PyValue>();
  for (const { arg, value } of node.keywords) {
    const given = evaluate(value, context);
    if (arg) {
      found.set(arg, given);
      continue;
    }
    if (!isKind(given, 'dict')) return fail(`** needs a dict, got ${typeName(given)}`);
    for (const entry of given.entries.values()) {
      if (typeof entry.key !== 'string') return fail('** needs a dict whose keys are strings');
      context.budget.spend(1);
      found.set(entry.key, entry.value);
    }
  }
  return found;
}

function items(nodes: readonly ExprNode[], context: Context): PyValue[] {
  const found: PyValue[] = [];
  for (const node of nodes) {
    if (node.nodeType !== 'Starred') found.push(evaluate(node, context));
    else for (const item of elementsOf(evaluate(node.value, context), context.budget)) found.push(item);
  }
  return found;
}

function dict(node: Node<'Dict'>, context: Context): PyValue {
  const found = emptyDict();
  for (const [i, valueNode] of node.values.entries()) {
    const keyNode = node.keys[i];
    const value = evaluate(valueNode, context);
    if (keyNode) setItem(found, evaluate(keyNode, context), value);
    else if (isKind(value, 'dict')) {
      context.budget.spend(value.entries.size);
      for (const entry of value.entries.values()) setItem(found, entry.key, entry.value);
    } else fail(`** needs a dict, got ${typeName(value)}`);
  }
  return found;
}

function fString(node: Node<'JoinedStr'>, context: Context): string {
  const parts = node.values.map((part) => {
    if (part.nodeType === 'Constant') return String(part.value);
    if (part.nodeType !== 'FormattedValue') return unreadable(part.nodeType);
    const value = evaluate(part.value, context);
    const spec = part.format_spec?.nodeType === 'JoinedStr' ? fString(part.format_spec, context) : '';
    return formatted(converted(value, part.conversion, context), spec, context.budget);
  });
  spendText(
    context.budget,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  return parts.join('');
}

/** `conversion` is the character behind the `!`, or -1. */
function converted(value: PyValue, conversion: number, { budget }: Context): PyValue {
  if (conversion === 'r'.charCodeAt(0) || conversion === 'a'.charCodeAt(0)) return reprOf(value, budget);
  return conversion === 's'.charCodeAt(0) ? strOf(value, budget) : value;
}

function unary(op: string, value: PyValue): PyValue {
  if (op === 'Not') return !isTrue(value);
  const number = typeof value === 'boolean' ? BigInt(value) : value;
  if (typeof number === 'bigint' || typeof number === 'number') {
    if (op === 'USub') return -number;
    if (op === 'UAdd') return number;
  }
  return fail(`this sign before a ${typeName(value)} is not read`);
}

function either({ op, values }: Node<'BoolOp'>, context: Context): PyValue {
  let value: PyValue = null;
  for (const node of values) {
    value = evaluate(node, context);
    if (isTrue(value) === (op.nodeType === 'Or')) break;
  }
  return value;
}

function compared({ left, ops, comparators }: Node<'Compare'>, context: Context): boolean {
  let before = evaluate(left, context);
  for (const [i, node] of comparators.entries()) {
    const value = evaluate(node, context);
    if (!compare(ops[i].nodeType, before, value, context.budget)) return false;
    before = value;
  }
  return true;
}

function collected<T>(node: { generators: Comprehension[] }, context: Context, make: () => T): T[] {
  const found: T[] = [];
  const [first] = node.generators;
  // The outermost list is evaluated outside of the comprehension's own names.
  const outermost = elementsOf(evaluate(first.iter, context), context.budget);
  const walk = (level: number): void => {
    const generator = node.generators[level];
    if (!generator) {
      found.push(make());
      return;
    }
    if (generator.is_async) fail('async is not read; write a list instead');
    const values = level === 0 ? outermost : elementsOf(evaluate(generator.iter, context), context.budget);
    for (const value of values) {
      assign(generator.target, value, context);
      if (generator.ifs.every((test) => isTrue(evaluate(test, context)))) walk(level + 1);
    }
  };
  inScope(context, () => walk(0));
  return found;
}

function dictComprehension(node: Node<'DictComp'>, context: Context): PyValue {
  const found = emptyDict();
  collected(node, context, () => setItem(found, evaluate(node.key, context), evaluate(node.value, context)));
  return found;
}

/** Gives a value to a name, an element, a field, or each of several. */
export function assign(target: ExprNode, value: PyValue, context: Context): void {
  switch (target.nodeType) {
    case 'Name':
      context.scope.names.set(target.id, value);
      return;
    case 'Tuple':
    case 'List':
      unpack(target.elts, value, context);
      return;
    case 'Attribute': {
      const object = evaluate(target.value, context);
      if (!isKind(object, 'dict')) fail(`.${target.attr} of a ${typeName(object)} cannot be set`);
      setElement(object, target.attr, value);
      return;
    }
    case 'Subscript':
      if (target.slice.nodeType === 'Slice') fail('a slice cannot be set; write the whole list');
      setElement(evaluate(target.value, context), evaluate(target.slice, context), value);
      return;
    default:
      unreadable(target.nodeType);
  }
}

function unpack(targets: readonly ExprNode[], value: PyValue, context: Context): void {
  const values = elementsOf(value, context.budget);
  const star = targets.findIndex((t) => t.nodeType === 'Starred');
  const fits = star < 0 ? values.length === targets.length : values.length >= targets.length - 1;
  if (!fits) fail(`${targets.length} names cannot take ${values.length} values`);
  const rest = values.length - targets.length + 1;
  for (const [i, target] of targets.entries()) {
    if (target.nodeType === 'Starred') assign(target.value, list(values.slice(i, i + rest)), context);
    else assign(target, values[star >= 0 && i > star ? i + rest - 1 : i], context);
  }
}
