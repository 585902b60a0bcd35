/** Runs the statements of a config: assignments, loops over known values, conditions, imports. */
import type { ExprNode, StmtNode } from 'py-ast';
import type { Context } from './context.ts';
import { assign, evaluate } from './expressions.ts';
import { copied } from './functions.ts';
import { binary } from './operators.ts';
import { deleteElement, elementAt } from './subscripts.ts';
import { elementsOf, fail, isKind, isTrue, type PyValue, ref, setItem } from './values.ts';

/** What a config import brings: its names, or why it could not be read, which counts only when it is reached. */
export type Imported = { names: ReadonlyMap<string, PyValue> } | { failure: Error };

export type Imports = ReadonlyMap<StmtNode, Imported>;

type Node<K extends StmtNode['nodeType']> = Extract<StmtNode, { nodeType: K }>;
type Outcome = 'next' | 'break' | 'continue';

/** Runs a block. @throws Unreadable, with `context.line` at the place. */
export function run(body: readonly StmtNode[], context: Context, imports: Imports): Outcome {
  for (const node of body) {
    context.line = node.lineno;
    context.budget.spend(1);
    const outcome = step(node, context, imports);
    if (outcome !== 'next') return outcome;
  }
  return 'next';
}

function step(node: StmtNode, context: Context, imports: Imports): Outcome {
  switch (node.nodeType) {
    case 'Assign': {
      const value = evaluate(node.value, context);
      for (const target of node.targets) assign(target, value, context);
      return 'next';
    }
    case 'AnnAssign':
      if (node.value) assign(node.target, evaluate(node.value, context), context);
      return 'next';
    case 'AugAssign':
      augment(node, context);
      return 'next';
    case 'Expr':
      evaluate(node.value, context);
      return 'next';
    case 'If':
      return run(isTrue(evaluate(node.test, context)) ? node.body : node.orelse, context, imports);
    case 'For':
      return loop(node, context, imports);
    case 'With':
      if (!isReadBase(node)) fail('only "with read_base():" is read; write the values instead');
      return run(node.body, context, imports);
    case 'Assert':
      if (!isTrue(evaluate(node.test, context))) fail('the assertion does not hold');
      return 'next';
    case 'Import':
      bringModules(node, context);
      return 'next';
    case 'ImportFrom':
      bring(node, context, imports);
      return 'next';
    case 'FunctionDef':
    case 'AsyncFunctionDef':
    case 'ClassDef':
      // A name like any imported one: only a call of it is a mistake.
      context.scope.names.set(node.name, ref(node.name));
      return 'next';
    case 'Delete':
      for (const target of node.targets) remove(target, context);
      return 'next';
    case 'Break':
      return 'break';
    case 'Continue':
      return 'continue';
    case 'Pass':
    case 'Comment':
      return 'next';
    default:
      return fail(
        Object.hasOwn(instead, node.nodeType) ? instead[node.nodeType] : `${node.nodeType} is not read`,
      );
  }
}

const instead: Record<string, string> = {
  Return: 'a function is never run; write its results instead',
  While: 'while is not read; use "for … in range(…)", or write the list',
  Try: 'try is not read; write what shall hold',
  Raise: 'raise is not read; leave it out',
  Match: 'match is not read; use if',
  Global: 'global is not read; leave it out',
  Nonlocal: 'nonlocal is not read; leave it out',
};

/** `x += y` changes a list in place, so that every name of that list sees it. */
function augment({ target, op, value }: Node<'AugAssign'>, context: Context): void {
  const current = currentOf(target, context);
  const added = evaluate(value, context);
  const kind = op.nodeType;
  if (isKind(current, 'list') && kind === 'Add') {
    for (const item of elementsOf(added, context.budget)) current.items.push(item);
  } else if (isKind(current, 'dict') && isKind(added, 'dict') && kind === 'BitOr') {
    context.budget.spend(added.entries.size);
    for (const entry of added.entries.values()) setItem(current, entry.key, entry.value);
  } else assign(target, binary(kind, current, added, context.budget), context);
}

function currentOf(target: ExprNode, context: Context): PyValue {
  if (target.nodeType !== 'Subscript') return evaluate(target, context);
  return elementAt(evaluate(target.value, context), evaluate(target.slice, context), context.budget);
}

function loop(node: Node<'For'>, context: Context, imports: Imports): Outcome {
  for (const item of elementsOf(evaluate(node.iter, context), context.budget)) {
    assign(node.target, item, context);
    if (run(node.body, context, imports) === 'break') return 'next';
  }
  return run(node.orelse, context, imports);
}

function remove(target: ExprNode, context: Context): void {
  if (target.nodeType === 'Subscript') {
    deleteElement(evaluate(target.value, context), evaluate(target.slice, context), context.budget);
  } else if (target.nodeType === 'Name') {
    if (!context.scope.names.delete(target.id)) fail(`no value is known for the name ${target.id}`);
  } else fail('only a name or an element can be deleted');
}

/** `with read_base():` */
export function isReadBase({ items }: Node<'With'>): boolean {
  return items.every(({ context_expr: called }) => {
    if (called.nodeType !== 'Call') return false;
    const { func } = called;
    return (
      (func.nodeType === 'Name' && func.id === 'read_base') ||
      (func.nodeType === 'Attribute' && func.attr === 'read_base')
    );
  });
}

function bringModules({ names }: Node<'Import'>, { scope }: Context): void {
  for (const { name, asname } of names) {
    scope.names.set(asname ?? name.split('.')[0], ref(asname ? name : name.split('.')[0]));
  }
}

/** Each import gets values of its own: what one config changes in its base, no other one sees. */
function bring(node: Node<'ImportFrom'>, context: Context, imports: Imports): void {
  const found = imports.get(node);
  const { names } = context.scope;
  if (found && 'failure' in found) throw found.failure;
  for (const { name, asname } of node.names) {
    if (!found) {
      if (name === '*') fail(`"from ${node.module} import *" brings names of Python code; name the classes`);
      names.set(asname ?? name, ref(`${node.module}.${name}`));
      continue;
    }
    for (const [each, value] of wantedOf(found.names, name)) {
      names.set(name === '*' ? each : (asname ?? name), copied(value, context));
    }
  }
}

/** One name of a base config, or with `*` all that do not begin with an underscore. */
function wantedOf(names: ReadonlyMap<string, PyValue>, name: string): [string, PyValue][] {
  const known = [...names].filter(([each]) => !each.startsWith('_'));
  if (name === '*') return known;
  const value = names.get(name);
  if (value !== undefined) return [[name, value]];
  return fail(
    `the base config has no ${name}; it has ${known.map(([each]) => each).join(', ') || 'nothing'}`,
  );
}
