import { findDuplicates } from './duplicates.ts';
import { countAny, countNestedTernaries, listOddBounds, measureFunctions } from './functions.ts';
import { findComplexFunctions, findUnusedExports, type Places } from './other-tools.ts';
import { shareFileNames, shareHelperNames } from './shared-names.ts';
import { isProduct, readSourceFiles, type SourceFile } from './source-files.ts';

/** What may not be exceeded. The only place where these numbers stand. */
const LIMITS = {
  functionLines: 60,
  longFunctions: 4,
  parameters: 4,
  functionsOfManyParameters: 0,
  unusedExports: 0,
  filesPerFolder: 25,
  sharedFileNames: 8,
  cognitiveComplexity: 20,
};

/** In a comment; written so that it does not find itself. */
const NOTE_TO_SELF = /(\/\/|\*).*\b(TO[D]O|FIX[M]E)\b/;

/** A line of the table. */
interface Count {
  what: string;
  value: string | number;
  /** Above it the house is not in order. */
  limit?: number;
  /** What was counted, for whoever wants to change it. */
  items: string[];
}

/** The table of counts as text, and whether all limits hold. */
export function reportHouse(places: Places, isVerbose: boolean): { text: string; isInOrder: boolean } {
  const all = readSourceFiles(places.root);
  const product = all.filter(isProduct);
  const counts = [
    ...countFiles(product),
    ...countFunctions(all),
    ...countNames(product),
    ...countHabits(all),
    count('unused exports (knip)', findUnusedExports(places), LIMITS.unusedExports),
    count(
      `functions with a cognitive complexity above ${LIMITS.cognitiveComplexity} (biome)`,
      findComplexFunctions(places, LIMITS.cognitiveComplexity),
    ),
  ];
  const broken = counts.filter(isAboveLimit);
  const shown = counts.flatMap((one) => (isVerbose || isAboveLimit(one) ? listItems(one) : []));
  return { text: [...counts.map(row), '', ...shown].join('\n'), isInOrder: broken.length === 0 };
}

function countFiles(product: SourceFile[]): Count[] {
  const lines = product.map((file) => file.lines);
  const folders = new Map<string, number>();
  for (const { folder } of product) folders.set(folder, (folders.get(folder) ?? 0) + 1);
  const fullest = [...folders].sort((a, b) => b[1] - a[1]);
  return [
    { what: 'product files (src, web)', value: product.length, items: [] },
    { what: 'lines of code', value: lines.reduce((sum, one) => sum + one, 0), items: [] },
    { what: 'lines of a file: median, p90, max', value: quantiles(lines, [0.5, 0.9, 1]), items: [] },
    {
      what: 'product files in the fullest folder',
      value: fullest[0][1],
      limit: LIMITS.filesPerFolder,
      items: fullest.slice(0, 8).map(([folder, files]) => `${folder}: ${files}`),
    },
  ];
}

function countFunctions(all: SourceFile[]): Count[] {
  const functions = all.flatMap(measureFunctions);
  const list = (found: typeof functions, key: 'lines' | 'parameters') =>
    found.sort((a, b) => b[key] - a[key]).map((one) => `${one.file}:${one.line} ${one.name}: ${one[key]}`);
  const longer = (lines: number) =>
    list(
      functions.filter((one) => one.lines > lines),
      'lines',
    );
  const many = functions.filter((one) => one.parameters > LIMITS.parameters);
  const lines = functions.map((one) => one.lines);
  return [
    { what: 'functions (with bench, scripts, tools)', value: functions.length, items: [] },
    {
      what: 'lines of a function: median, p90, p99, max',
      value: quantiles(lines, [0.5, 0.9, 0.99, 1]),
      items: [],
    },
    count('functions > 40 lines', longer(40)),
    count(`functions > ${LIMITS.functionLines} lines`, longer(LIMITS.functionLines), LIMITS.longFunctions),
    count(
      `functions with more than ${LIMITS.parameters} parameters`,
      list(many, 'parameters'),
      LIMITS.functionsOfManyParameters,
    ),
  ];
}

function countNames(product: SourceFile[]): Count[] {
  const show = ({ name, rooms }: { name: string; rooms: string[] }) => `${name}: ${rooms.join(', ')}`;
  const bounds = product.flatMap(listOddBounds);
  return [
    count('file names in two or more rooms', shareFileNames(product).map(show), LIMITS.sharedFileNames),
    count('names of top-level functions in two or more rooms', shareHelperNames(product).map(show)),
    count('bounds not named MAX_ or MIN_', bounds),
  ];
}

function countHabits(all: SourceFile[]): Count[] {
  const places = (counter: (file: SourceFile) => number) =>
    all.flatMap((file) => Array.from({ length: counter(file) }, () => file.path));
  const notes = all.filter(({ text }) => NOTE_TO_SELF.test(text)).map((file) => file.path);
  const duplicates = findDuplicates(all).map(
    ({ lines, first, second }) => `${first} = ${second}: ${lines} lines`,
  );
  return [
    count('duplicates of 6 lines or more', duplicates),
    count('nested ternaries', places(countNestedTernaries)),
    count('any', places(countAny)),
    count('TODO', notes),
  ];
}

function count(what: string, items: string[], limit?: number): Count {
  return { what, value: items.length, items, ...(limit !== undefined && { limit }) };
}

function isAboveLimit({ value, limit }: Count): boolean {
  return limit !== undefined && Number(value) > limit;
}

function row(one: Count): string {
  const limit = one.limit === undefined ? '' : `limit ${one.limit}${isAboveLimit(one) ? ', EXCEEDED' : ''}`;
  return `${one.what.padEnd(56)} ${String(one.value).padStart(16)}  ${limit}`.trimEnd();
}

function listItems({ what, items }: Count): string[] {
  return items.length === 0 ? [] : [`${what}:`, ...items.map((item) => `  ${item}`), ''];
}

function quantiles(values: number[], shares: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return shares.map((share) => sorted[Math.ceil(share * sorted.length) - 1]).join(', ');
}
