import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cases } from '../../core/cases.fixture.ts';
import { packageRoot } from '../files/package-root.ts';
import { readPython } from './read-python.ts';

const dir = mkdtempSync(join(tmpdir(), 'ais-bench-python-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Longer is a hang, on a busy machine too: the slowest honest config takes half a second. */
const MAX_MS = 60_000;

async function read(source: string) {
  const file = join(dir, 'fuzz.py');
  writeFileSync(file, source);
  const start = performance.now();
  const world = { cwd: dir, roots: [], cacheDir: '', env: {} };
  const result = await readPython(file, {
    ...world,
    loadOther: () => Promise.reject(new Error('nothing else is to be loaded')),
  });
  expect(performance.now() - start).toBeLessThan(MAX_MS);
  return result;
}

const fixtures = join(packageRoot(), 'test/fixtures/python-configs');
const sources = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.py'))
  .map((file) => readFileSync(join(fixtures, file), 'utf8'));

const words = [
  ...['models', 'x', 'a', '_', 'dict', 'list', 'len', 'sum', 'range', 'str', 'locals', 'os', '__file__'],
  ...['constructor', '__proto__', '__class__', 'toString', 'hasOwnProperty', 'append', 'format', 'update'],
  ...['1', '0', '-1', '2.5', '10**9', "'t'", "'{}'", "f'{x}'", "f'{x:>9}'", '"""', "'", 'None', 'True'],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '=',
    '+=',
    '==',
    '+',
    '*',
    '**',
    '//',
    '%',
    '.',
    '|',
    '<',
    ' in ',
  ],
  ...[
    ' if ',
    ' else ',
    ' for ',
    ' and ',
    ' not ',
    ' is ',
    ' lambda ',
    ' import ',
    ' from ',
    '\n',
    '\n  ',
    '\n\t',
  ],
  ...[
    'with read_base():',
    'for a in ',
    'if x:',
    'def f():',
    'class C:',
    'while True:',
    '\\',
    '#',
    '@',
    '\0',
    'é',
  ],
];

describe('any text at all', () => {
  it('made of pieces of Python ends in values or a mistake, in time', async () => {
    const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(soup, async (source) => {
        const result = await read(source);
        if ('mistake' in result) expect(result.mistake.problem).not.toBe('');
        else expect(JSON.parse(JSON.stringify(result.values))).toBeTypeOf('object');
      }),
      { numRuns: cases(400) },
    );
  });

  it('made of a damaged config ends in values or a mistake, in time', async () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...sources),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), fc.constantFrom('', ...words)), { maxLength: 4 }),
      )
      .map(([source, cuts]) =>
        cuts.reduce((text, [at, length, put]) => {
          const from = at % (text.length + 1);
          return text.slice(0, from) + put + text.slice(from + length);
        }, source),
      );
    await fc.assert(
      fc.asyncProperty(damaged, async (source) => {
        const result = await read(source);
        if ('mistake' in result) expect(result.mistake.problem).not.toMatch(/^(TypeError|RangeError)/);
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('a config that would take for ever', () => {
  it.each([
    ['a power', 'x = 10 ** 10 ** 10'],
    ['a product of powers', 'x = 2\nfor i in range(1000):\n    x = x * x'],
    ['a long text', "x = 'a' * 10 ** 9"],
    ['doubled texts', "x = 'ab'\nfor i in range(100):\n    x = x + x"],
    ['doubled texts in an f-string', "x = 'ab'\nfor i in range(100):\n    x = f'{x}{x}'"],
    ['a wide field', "x = f'{1:99999}' * 99999"],
    ['a long range', 'x = list(range(10 ** 12))'],
    ['loops in loops', 'for a in range(10 ** 5):\n    for b in range(10 ** 5):\n        x = 1'],
    ['comprehensions in comprehensions', 'x = [1 for a in range(9999) for b in range(9999)]'],
    ['shared lists in lists', 'models = [1] * 99\nfor i in range(30):\n    models = [models] * 99'],
    [
      'shared dicts compared',
      'x = {1: 1}\ny = {1: 1}\nfor i in range(60):\n    x = {1: x, 2: x}\n    y = {1: y, 2: y}\nz = x == y',
    ],
    ['shared tuples as keys', 'x = (1, 1)\nfor i in range(60):\n    x = (x, x)\nz = {x: 1}'],
    ['shared lists as text', 'x = [1]\nfor i in range(60):\n    x = [x, x]\nz = str(x)'],
    ['a list in itself', 'models = []\nmodels.append(models)'],
    ['a dict in itself', "models = {}\nmodels['a'] = models"],
    ['a list in itself as text', 'x = []\nx.append(x)\ny = f"{x}"'],
    ['a list in itself compared', 'x = []\nx.append(x)\ny = []\ny.append(y)\nz = x == y'],
    ['a list in itself copied', 'import copy\nx = []\nx.append(x)\ny = copy.deepcopy(x)'],
    ['a growing list', 'x = [1]\nfor i in range(10 ** 6):\n    x.extend(x)'],
    ['a list taken from its front', 'x = list(range(10 ** 5))\nfor i in range(10 ** 5):\n    x.pop(0)'],
    ['a text walked through again and again', "x = 'a' * 10 ** 6\nfor i in range(10 ** 5):\n    y = x[5]"],
    ['a long join', "x = ','.join(['a' * 10 ** 5] * 10 ** 5)"],
    ['a long replacement', "x = ('a' * 10 ** 5).replace('a', 'b' * 10 ** 5)"],
    ['deep brackets', `x = ${'['.repeat(50_000)}`],
    ['deep lists', `x = ${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['a long chain of signs', `x = ${'-'.repeat(50_000)}1`],
    ['a long sum', `x = ${'1+'.repeat(50_000)}1`],
    ['lists nested step by step', 'x = []\nfor i in range(10 ** 5):\n    x = [x]'],
    ['a long number', `x = ${'9'.repeat(100_000)}`],
    ['a base that imports itself', 'with read_base():\n    from .fuzz import x'],
    ['a huge file', `x = '${'a'.repeat(2_000_000)}'`],
  ])('is refused in time: %s', async (_, source) => {
    expect(await read(source)).toHaveProperty('mistake');
  });
});

describe('code in a config', () => {
  it.each([
    "__import__('os').system('touch @')",
    "import os\nos.system('touch @')",
    "import subprocess\nsubprocess.run(['touch', '@'])",
    "open('@', 'w').write('x')",
    "exec(\"open('@', 'w')\")",
    "eval(\"open('@', 'w')\")",
    '().__class__.__base__.__subclasses__()',
    "''.constructor.constructor('return process')()",
    '[].constructor',
    "'{0.__class__}'.format(1)",
    "x = {}\nx.constructor.constructor('return 1')()",
    'dict.fromkeys([1])',
    'models = [toString()]',
    'hasOwnProperty(1)',
    "def f():\n    open('@', 'w')\nf()",
    "class C:\n    open('@', 'w')\nmodels = [C()]",
    "models = [(lambda: open('@', 'w'))()]",
    'from .missing import models',
  ])('is refused and not run: %s', async (source) => {
    const made = join(dir, 'made');
    expect(await read(source.replaceAll('@', made))).toHaveProperty('mistake');
    expect(readdirSync(dir)).toEqual(['fuzz.py']);
  });

  it('reaches no prototype', async () => {
    const source =
      "models = [{'__proto__': {'a': 1}, 'constructor': 2}]\nx = {}\nx['__proto__'] = {'b': 1}\n";
    const result = await read(`${source}__dict__ = 1\ntoString = 3\n`);
    if ('mistake' in result) throw new Error(result.mistake.problem);
    const [model] = result.values.models as object[];
    expect(Object.entries(model)).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
    ]);
    expect(Object.getPrototypeOf(model)).toBe(Object.prototype);
    expect('a' in {} || 'b' in {}).toBe(false);
    expect(Object.hasOwn(result.values, 'toString')).toBe(true);
  });
});
