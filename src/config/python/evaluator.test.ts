import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../folder.fixture.ts';
import { readPython } from './read-python.ts';

/** The names that a file with this text gives; its mistake as `line: problem`. */
async function read(source: string, env: Record<string, string> = {}) {
  const file = join(folderOf({}), 'a.py');
  writeFileSync(file, source);
  const world = { cwd: '/', roots: [], cacheDir: '', env };
  const loadOther = () => Promise.reject(new Error('nothing else is to be loaded'));
  const result = await readPython(file, { ...world, loadOther });
  if ('values' in result) return result.values;
  return `${result.mistake.file.replace(file, '').replace(/^:/, '')}: ${result.mistake.problem}`;
}

/** Right-hand sides are what CPython 3.11 gives, tuples as lists. */
const expressions: [string, unknown][] = [
  ['7 // 2, -7 // 2, 7 % -3, -7 % 3, 7 / 2, 2 ** 10, 2 ** -1, 1.5 // 1', [3, -4, -2, 2, 3.5, 1024, 0.5, 1]],
  [
    '10 ** 3 * 1.0, True + 1, 0.1 + 0.2, 1e3 == 1000, 1 == True, 5 - 2.5',
    [1000, 2, 0.30000000000000004, true, true, 2.5],
  ],
  [
    'f"{4 / 2} {1.0} {1e16} {1e-5} {0.0001} {123456789.125} {-0.0} {2**70}"',
    '2.0 1.0 1e+16 1e-05 0.0001 123456789.125 -0.0 1180591620717411303424',
  ],
  [
    "f\"{3:03d}|{3:>4}|{3:<4}|{'a':^5}|{2.5:.2f}|{1234567:,}|{0.256:.1%}|{255:x}|{-3:+d}|{3:+d}|{'abc':.2}|{7.0:08.3f}\"",
    '003|   3|3   |  a  |2.50|1,234,567|25.6%|ff|-3|+3|ab|0007.000',
  ],
  [
    "f\"{'q'!r} {[1, 'a', None, True, 2.0, (1,), {'k': 1}]}\"",
    "'q' [1, 'a', None, True, 2.0, (1,), {'k': 1}]",
  ],
  ["f\"{{}} {'{'}{1}{'}'}\"", '{} {1}'],
  ["\"%s-%d %r %5.1f|%-4s|%04d%%\" % ('a', 3, 'b', 2.25, 'c', 7)", "a-3 'b'   2.2|c   |0007%"],
  ["\"%(a)s/%(b)s\" % {'a': 1, 'b': 'x'}", '1/x'],
  ["\"{} {} {0}\".replace('{0}', '') .format('a', 1.5)", 'a 1.5 '],
  ["\"{1}{0}{k:>3}\".format('a', 'b', k='c')", 'ba  c'],
  ["'a' 'b' \"c\" + 'd' * 3", 'abcddd'],
  [
    "'a,b,,c'.split(','), ' a  b '.split(), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1), 'a\\nb\\n'.splitlines()",
    [
      ['a', 'b', '', 'c'],
      ['a', 'b'],
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['a', 'b'],
    ],
  ],
  ["'-'.join(['a', 'b']), '-'.join('xyz'), ''.join([])", ['a-b', 'x-y-z', '']],
  ["'  x '.strip(), 'xxaxx'.strip('x'), 'xxaxx'.lstrip('x'), 'xxaxx'.rstrip('x')", ['x', 'a', 'axx', 'xxa']],
  [
    "'aXbX'.replace('X', '--'), 'aXbX'.replace('X', '-', 1), 'hello world'.title(), 'hELLO'.capitalize()",
    ['a--b--', 'a-bX', 'Hello World', 'Hello'],
  ],
  [
    "'abc'.startswith('ab'), 'abc'.endswith(('x', 'c')), 'pre_x'.removeprefix('pre_'), 'x_suf'.removesuffix('_suf')",
    [true, true, 'x', 'x'],
  ],
  [
    "'abcabc'.find('c'), 'abc'.find('z'), 'abcabc'.count('bc'), '7'.zfill(3), '-7'.zfill(4), '12'.isdigit()",
    [2, -1, 2, '007', '-007', true],
  ],
  [
    "'hello'[1], 'hello'[-1], 'hello'[1:3], 'hello'[::-1], 'hello'[-3:], 'hello'[10:], 'hello'[:-1:2]",
    ['e', 'o', 'el', 'olleh', 'llo', '', 'hl'],
  ],
  ['[1, 2, 3][-1], [1, 2, 3][1:], [1, 2, 3][::-2], (1, 2, 3)[0:2]', [3, [2, 3], [3, 1], [1, 2]]],
  ['[1] + [2], (1,) + (2,), [0] * 3, 2 * [1, 2], [] * 5', [[1, 2], [1, 2], [0, 0, 0], [1, 2, 1, 2], []]],
  [
    "[*[1, 2], *(3, 4)], [*{'a': 1}], {**{'a': 1, 'b': 2}, 'b': 3}, dict({'a': 1}, b=2), dict([('x', 1), ['y', 2]])",
    [[1, 2, 3, 4], ['a'], { a: 1, b: 3 }, { a: 1, b: 2 }, { x: 1, y: 2 }],
  ],
  [
    "{'a': 1} | {'b': 2}, {1: 'a', 1.0: 'b', True: 'c'}, {'a': 1}.get('b'), {'a': 1}.get('b', 5)",
    [{ a: 1, b: 2 }, { '1': 'c' }, null, 5],
  ],
  [
    "list({'a': 1, 'b': 2}.items()), list({'a': 1}.keys()), list({'a': 1}.values())",
    [
      [
        ['a', 1],
        ['b', 2],
      ],
      ['a'],
      [1],
    ],
  ],
  [
    "[x * 2 for x in range(5) if x % 2], [(a, b) for a in 'xy' for b in range(2)], [[i * j for j in range(2)] for i in range(3)]",
    [
      [2, 6],
      [
        ['x', 0],
        ['x', 1],
        ['y', 0],
        ['y', 1],
      ],
      [
        [0, 0],
        [0, 1],
        [0, 2],
      ],
    ],
  ],
  [
    "{k: v for k, v in zip('abc', range(3))}, sorted({x % 3 for x in range(9)}), list(x for x in (1, 2))",
    [{ a: 0, b: 1, c: 2 }, [0, 1, 2], [1, 2]],
  ],
  ['[i for i, (a, b) in enumerate([(1, 2), (3, 4)], 1)], [y for _, *y in [(1, 2, 3)]]', [[1, 2], [[2, 3]]]],
  [
    "sum([1, 2.5]), sum([[1], [2]], []), sum((x for x in [1, 2]), 10), min(3, 1, 2), max([1, 5]), max('a', 'b')",
    [3.5, [1, 2], 13, 1, 5, 'b'],
  ],
  [
    "len('abc'), len([1]), len({'a': 1}), sorted([3, 1, 2]), sorted('ba', reverse=True), list(reversed([1, 2]))",
    [3, 1, 1, [1, 2, 3], ['b', 'a'], [2, 1]],
  ],
  [
    "list(range(3)), list(range(2, 5)), list(range(5, 0, -2)), list(range(0)), list(enumerate('ab')), list(zip([1, 2], 'ab'))",
    [
      [0, 1, 2],
      [2, 3, 4],
      [5, 3, 1],
      [],
      [
        [0, 'a'],
        [1, 'b'],
      ],
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
  ],
  [
    "any([0, 1]), all([1, 0]), all([]), bool([]), bool('a'), abs(-2), abs(-2.5)",
    [true, false, true, false, true, 2, 2.5],
  ],
  [
    "int('12'), int(2.9), int(-2.9), float('1.5'), str(1), str(1.0), str(None), str(True), repr('a'), int(True)",
    [12, 2, -2, 1.5, '1', '1.0', 'None', 'True', "'a'", 1],
  ],
  [
    "1 < 2 < 3, 1 < 3 < 2, 'a' < 'b', [1, 2] < [1, 3], (1,) < (1, 2), 1 in [1], 'b' in 'abc', 'k' in {'k': 1}, 2 not in (1,)",
    [true, false, true, true, true, true, true, true, true],
  ],
  [
    '1 <= 1.0, 1 > 1.0, 1.0 >= True, 2 > 1.5, max(1, 1.0), sorted([2, 1.0, 1])',
    [true, false, true, true, 1, [1, 1, 2]],
  ],
  [
    "None is None, 1 is not None, [] == [], [1] == [1.0], {'a': [1]} == {'a': [1]}, (1, 2) == [1, 2], 'a' != 'b'",
    [true, true, true, true, true, false, true],
  ],
  [
    "1 and 2, 0 and 2, 0 or 'x', '' or None, not [], 'y' if 1 else 'n', (1 if 0 else 2)",
    [2, 0, 'x', null, true, 'y', 2],
  ],
  [
    '-5, +5, -2.5, - -3, not not 1, 0x1F, 0b101, 0o17, 1_000, 1e-3, .5, 5.',
    [-5, 5, -2.5, 3, true, 31, 5, 15, 1000, 0.001, 0.5, 5],
  ],
  [
    "'\\n\\t\\\\\\'\\\"\\x41\\u00e9\\101', r'\\n', '''a\nb''', \"it's\", 'tab\\there'",
    ['\n\t\\\'"AéA', '\\n', 'a\nb', "it's", 'tab\there'],
  ],
  [
    "chr(97), ord('a'), isinstance(1, int), isinstance('a', (int, str)), isinstance(True, int), isinstance(1.0, int)",
    ['a', 97, true, true, true, false],
  ],
  ["tuple([1, 2]), list('ab'), list(()), dict(), tuple()", [[1, 2], ['a', 'b'], [], {}, []]],
  ['[1, 2, 2].count(2), [1, 2].index(2), (1, 2).index(1)', [2, 1, 0]],
];

describe('an expression', () => {
  it.each(expressions)('%s', async (source, value) => {
    expect(await read(`x = ${source}\n`)).toEqual({ x: value });
  });
});

describe('statements', () => {
  it.each([
    ['a, (b, *c) = 1, (2, 3, 4)', { a: 1, b: 2, c: [3, 4] }],
    ['a = b = []\na.append(1)', { a: [1], b: [1] }],
    ['a = [1]\nb = a\na += (2,)\na = a + [3]', { a: [1, 2, 3], b: [1, 2] }],
    ["d = {'k': [0]}\nd['k'][0] += 5\nd['n'] = d['k'] * 2\ndel d['k'][0]", { d: { k: [], n: [5, 5] } }],
    [
      'a = 0\nfor i in range(9):\n  if i == 2: continue\n  if i == 5: break\n  a += i\nelse:\n  a = -1',
      { a: 8, i: 5 },
    ],
    ['for i in []:\n  pass\nelse:\n  a = 1', { a: 1 }],
    ['x = 1\ny = [x for x in [5, 6]]', { x: 1, y: [5, 6] }],
    ["d = {}\nd.setdefault('a', []).append(1)\nd |= {'b': 2}\np = d.pop('b')", { d: { a: [1] }, p: 2 }],
    [
      'l = [3, 1]\nl.sort()\nl.insert(0, 9)\nl.reverse()\np = l.pop()\nl.extend(x for x in (7,))\nl.remove(7)',
      { l: [3, 1], p: 9 },
    ],
    ["a = 'x'\nif a == 'y':\n  b = 1\nelif a == 'x':\n  b = 2\nelse:\n  b = 3", { a: 'x', b: 2 }],
    ["m = dict(a=1)\nm.update([('b', 2)], c=3)", { m: { a: 1, b: 2, c: 3 } }],
    ['# coding: utf-8\r\na = (1,\r\n     2)\r\n', { a: [1, 2] }],
    ['\uFEFFa = 1', { a: 1 }],
    [
      'import os.path as osp, json\nfrom x.y import *'.replace('from x.y import *', 'from x.y import Z as W'),
      {},
    ],
    ['helper = {(1, 2): 3}\nbig = 10 ** 30\na = 1', { a: 1 }],
    ['_a = 1\nb = _a + 1', { b: 2 }],
    [
      "import os\na = os.path.join('/r', 'b', '..', 'c')\nb = os.path.basename('/x/y.z')\nc = os.path.join('a', '/b')",
      { a: '/r/c', b: 'y.z', c: '/b' },
    ],
    [
      "import os\na = os.getenv('X')\nb = os.getenv('Y', 'd')\nc = os.environ.get('Y')\nd = os.environ['X']",
      { a: '1', b: 'd', c: null, d: '1' },
    ],
  ])('%j', async (source, values) => {
    expect(await read(source, { X: '1' })).toEqual(values);
  });
});

describe('what is not read', () => {
  it.each([
    ['a = 1\nb = undefined_name', '2: no value is known for the name undefined_name [b = undefined_name]'],
    [
      'models = 1\nb = modles',
      '2: no value is known for the name modles (did you mean "models"?) [b = modles]',
    ],
    [
      'x = lambda: 1',
      '1: a lambda is a function, and no function is run; write its results instead [x = lambda: 1]',
    ],
    [
      'from a.b import C\nx = [\n  C(1),\n]',
      '3: a.b.C(…) is Python code, which is never run; write its result instead [C(1),]',
    ],
    [
      'def f():\n  return 1\n\nx = f()',
      '4: f(…) is Python code, which is never run; write its result instead [x = f()]',
    ],
    [
      'while True:\n  x = 1',
      '1: while is not read; use "for … in range(…)", or write the list [while True:]',
    ],
    ['try:\n  x = 1\nexcept:\n  pass', '1: try is not read; write what shall hold [try:]'],
    [
      "with open('a') as f:\n  pass",
      '1: only "with read_base():" is read; write the values instead [with open(\'a\') as f:]',
    ],
    ["x = dict(a=1)\ny = x['b']", '2: the dict has no key "b" [y = x[\'b\']]'],
    ['x = [1]\ny = x[1]', '2: there is no element [1]: there are 1 [y = x[1]]'],
    ['x = 1 / 0', '1: division by zero [x = 1 / 0]'],
    ["x = 1 + 'a'", "1: int + str is not read; write the result instead [x = 1 + 'a']"],
    ["x = b'a'", "1: bytes are not read; write a string [x = b'a']"],
    ['x = ...', '1: ... is no value; write one [x = ...]'],
    ['x = 2j', '1: complex numbers are not read [x = 2j]'],
    ["x = '\\N{DASH}'", "1: \\N{…} is not read; write the character itself [x = '\\N{DASH}']"],
    [
      'x = sorted([1], key=len)',
      '1: sorted() with a key is not read; write the list sorted [x = sorted([1], key=len)]',
    ],
    ['a, b = 1, 2, 3', '1: 2 names cannot take 3 values [a, b = 1, 2, 3]'],
    ['assert 1 == 2', '1: the assertion does not hold [assert 1 == 2]'],
    [
      'from x import *',
      '1: "from x import *" brings names of Python code; name the classes [from x import *]',
    ],
    [
      "import os\nx = os.environ['NOT']",
      "2: the environment variable NOT is not set [x = os.environ['NOT']]",
    ],
    ['a = 1\nb = (2,\nc = 3', "3: syntax error: Expected ')' after tuple [c = 3]"],
    ["x = 'a\ny = 1", "1: syntax error: Unterminated string literal [x = 'a]"],
    ['x = 1\n  y = 2', '2: syntax error: unexpected indent [y = 2]'],
    ['MAX = 10 ** 20', ': MAX: the number 100000000000000000000 is too large'],
    ['models = {(1, 2): 3}', ': models: a tuple cannot be the name of a field; use a string'],
  ])('%j is a mistake with its line and what to do', async (source, expected) => {
    expect(await read(source)).toBe(expected);
  });

  it('shows no key of the line', async () => {
    const found = await read("models = [dict(api_key='sk-12345', abbr='a', x=nope)]");
    expect(found).toMatch(/^1: no value is known for the name nope/);
    expect(found).not.toContain('sk-12345');
  });
});
