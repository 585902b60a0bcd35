/**
 * Reads a task config of the Python original as it is. The file is parsed and its plain data worked out;
 * it is never executed, and neither is anything that it imports.
 */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { StmtNode } from 'py-ast';
import type { Mistake } from '../mistakes.ts';
import { absoluteStems, type BasePlaces, firstBase, isConfigModule, relativeStems } from './base-files.ts';
import type { Context } from './context.ts';
import { withOriginalKeys } from './original-keys.ts';
import { atLine, PythonMistake, parseSource, type SourceFile } from './parse.ts';
import { fromPlain, toPlain } from './plain.ts';
import { type Imported, type Imports, isReadBase, run } from './statements.ts';
import { type Budget, fail, isKind, newBudget, type PyValue, Unreadable } from './values.ts';

export interface PythonWorld extends BasePlaces {
  env: Readonly<Record<string, string | undefined>>;
  /** Loads a base config that is TypeScript, JavaScript or JSON. */
  loadOther: (file: string) => Promise<{ values: Record<string, unknown> } | { mistake: Mistake }>;
}

/** One top-level load: what one config changes in its base never reaches another load. */
interface Session {
  world: PythonWorld;
  budget: Budget;
  /** By file; every import copies what it takes. */
  loaded: Map<string, Promise<ReadonlyMap<string, PyValue>>>;
}

type ImportNode = Extract<StmtNode, { nodeType: 'ImportFrom' }>;

const MAX_FILES = 200;

/** The file's names with their values in plain form (see `toPlain`), or the first mistake. */
export async function readPython(
  file: string,
  world: PythonWorld,
): Promise<{ values: Record<string, unknown> } | { mistake: Mistake }> {
  const session: Session = { world, budget: newBudget(), loaded: new Map() };
  try {
    const names = await moduleOf(file, [], session);
    return { values: plainNames(file, names, session.budget) };
  } catch (error) {
    if (error instanceof PythonMistake) {
      return { mistake: { file: error.place, path: '', problem: error.message } };
    }
    throw error;
  }
}

/** Names that mean something to a reader of the file; the others only help, and may hold anything. */
const TASK_NAME = /^(models|(\w*_)?datasets|summarizer|work_dir|model_dataset_combinations|[A-Z][A-Z_]*)$/;

function plainNames(
  file: string,
  names: ReadonlyMap<string, PyValue>,
  budget: Budget,
): Record<string, unknown> {
  const exported = [...names].filter(
    ([name, value]) => !name.startsWith('_') && !isKind(value, 'ref') && !isKind(value, 'builtin'),
  );
  const isTask = ([name]: [string, PyValue]) => TASK_NAME.test(name);
  // Tasks first: what helps only may be too large to be made plain.
  const plain = ([name, value]: [string, PyValue]) => {
    try {
      return [[name, toPlain(value, budget)] as const];
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (TASK_NAME.test(name)) throw new PythonMistake(file, `${name}: ${error.message}`);
      return [];
    }
  };
  return Object.fromEntries(
    [...exported.filter(isTask), ...exported.filter((e) => !isTask(e))].flatMap(plain),
  );
}

function moduleOf(
  file: string,
  importers: string[],
  session: Session,
): Promise<ReadonlyMap<string, PyValue>> {
  const known = session.loaded.get(file);
  if (known) return known;
  if (session.loaded.size >= MAX_FILES) fail(`more than ${MAX_FILES} base configs are not read`);
  const names = extname(file) === '.py' ? pythonNames(file, importers, session) : otherNames(file, session);
  session.loaded.set(file, names);
  return names;
}

async function pythonNames(file: string, importers: string[], session: Session) {
  const source = parseSource(file, readFileSync(file, 'utf8'));
  const imports = await importsOf(source, [...importers, file], session);
  return evaluated(source, imports, session);
}

function evaluated(source: SourceFile, imports: Imports, { budget, world }: Session) {
  const { file, lines, tree } = source;
  const scope = { names: new Map<string, PyValue>(), outer: null };
  const context: Context = { file, lines, line: 0, scope, budget, env: world.env };
  try {
    const outcome = run(tree.body, context, imports);
    if (outcome !== 'next') fail(`${outcome} stands outside of a loop`);
    return scope.names;
  } catch (error) {
    // What is nested deeper than the stack can follow.
    if (error instanceof RangeError) throw atLine(file, lines, context.line, 'is nested too deeply');
    if (error instanceof Unreadable) throw atLine(file, lines, context.line, error.message);
    throw error;
  }
}

async function otherNames(file: string, { world, budget }: Session): Promise<ReadonlyMap<string, PyValue>> {
  const loaded = await world.loadOther(file);
  if ('mistake' in loaded) throw new PythonMistake(loaded.mistake.file, loaded.mistake.problem);
  const names = new Map<string, PyValue>();
  for (const [name, value] of Object.entries(loaded.values)) {
    if (typeof value !== 'function') names.set(name, fromPlain(withOriginalKeys(name, value), budget));
  }
  return names;
}

/** Loads every base config that the file names, one after the other, before the file is evaluated. */
async function importsOf(source: SourceFile, importers: string[], session: Session): Promise<Imports> {
  const imports = new Map<StmtNode, Imported>();
  for (const node of configImports(source.tree.body, false)) {
    imports.set(node, await imported(node, source, importers, session));
  }
  return imports;
}

/** Imports of configs: inside `with read_base()`, relative ones, and those of the original's own configs. */
function configImports(body: readonly StmtNode[], inBase: boolean): ImportNode[] {
  return body.flatMap((node) => {
    switch (node.nodeType) {
      case 'ImportFrom':
        return inBase || (node.level ?? 0) > 0 || isConfigModule(node.module ?? '') ? [node] : [];
      case 'With':
        return configImports(node.body, inBase || isReadBase(node));
      case 'If':
      case 'For':
        return configImports([...node.body, ...node.orelse], inBase);
      default:
        return [];
    }
  });
}

async function imported(
  node: ImportNode,
  source: SourceFile,
  importers: string[],
  session: Session,
): Promise<Imported> {
  try {
    const file = baseOf(node, source.file, session.world);
    if (importers.includes(file)) fail(`${file} imports itself, by way of ${importers.length} files`);
    const names = await moduleOf(file, importers, session);
    return { names: extname(file) === '.py' ? names : withOriginalNames(names, node) };
  } catch (error) {
    if (error instanceof PythonMistake || error instanceof Unreadable) return { failure: error };
    throw error;
  }
}

function baseOf(node: ImportNode, importer: string, world: PythonWorld): string {
  const { module = '', level = 0 } = node;
  const dots = '.'.repeat(level);
  if (!module) return fail(`"from ${dots} import …" is not read; write "from ${dots}file import name"`);
  const stems =
    level > 0 ? relativeStems(importer, level, module, world.roots) : absoluteStems(importer, module, world);
  const found = firstBase(stems);
  if (found) return found;
  const where =
    level > 0
      ? stems.map((stem) => `${stem}.py or .ts`).join(', ')
      : 'beside or above this file, in configs or in the package';
  return fail(`there is no base config ${dots}${module}: looked for ${where}`);
}

/** Our data-set configs export `datasets` where the original's have names like `gsm8k_datasets`. */
function withOriginalNames(
  names: ReadonlyMap<string, PyValue>,
  node: ImportNode,
): ReadonlyMap<string, PyValue> {
  const datasets = names.get('datasets');
  if (datasets === undefined) return names;
  const missing = node.names.map((n) => n.name).filter((n) => n.endsWith('_datasets') && !names.has(n));
  return new Map([...names, ...missing.map((name) => [name, datasets] as const)]);
}
