/** Files as people have them: read right, or refused with file and line. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSamples } from '../registry.ts';
import type { TokenCounter } from '../text/tokenizer.ts';

const cwd = mkdtempSync(join(tmpdir(), 'Daten für Übung '));
afterAll(() => rmSync(cwd, { recursive: true }));

const unused: TokenCounter = { name: '', source: 'embedded', count: () => 0, countPrompt: () => 0 };
const context = { cwd, cacheDir: '', seed: 3, tokenizer: unused, maxOutTokens: 64 };
let folders = 0;

function load(type: 'custom' | 'local_rows', name: string, content: string | Uint8Array, options: object) {
  const folder = `${folders++} 数据`;
  mkdirSync(join(cwd, folder));
  writeFileSync(join(cwd, folder, name), content);
  return loadSamples(type, { path: join(folder, name), ...options }, '', context);
}
const bare = { prompt: 'bare' };
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('rows that are read', () => {
  it.each([
    [
      'a mark, CRLF and a quoted break',
      'a.csv',
      '\ufeffquestion,max_tokens\r\n"two ""x"",\r\nlines",7\r\n\r\nsecond,\r\n',
      ['two "x",\r\nlines', 'second'],
      [7, undefined],
    ],
    ['old line ends', 'a.csv', 'question,max_tokens\rone,3\rtwo,4', ['one', 'two'], [3, 4]],
    ['spaces in the header', 'a.CSV', ' question , max_tokens\none,3\n', ['one'], [3]],
    [
      'a mark and blank lines',
      'a.jsonl',
      '\ufeff{"question":"one"}\r\n\r\n \t\r\n{"question":"two"}',
      ['one', 'two'],
      [undefined, undefined],
    ],
    [
      'numbers as text, or none',
      'a.jsonl',
      '{"question":"one","max_tokens":"7"}\n{"question":"two","max_tokens":null}',
      ['one', 'two'],
      [7, undefined],
    ],
    [
      'a column that holds semicolons in its texts',
      'a.csv',
      'question\nred; green\n',
      ['red; green'],
      [undefined],
    ],
  ])('%s', async (_, name, content, prompts, limits) => {
    const samples = await load('custom', name, content, bare);
    expect(samples.map(({ prompt }) => prompt)).toEqual(prompts);
    expect(samples.map(({ maxOutTokens }) => maxOutTokens)).toEqual(limits);
  });
});

describe('rows that are refused', () => {
  it.each([
    ['UTF-16', 'a.csv', utf16('question\nx\n'), 1, /is not UTF-8 text but UTF-16$/],
    ['UTF-16 rows', 'a.jsonl', utf16('{"question":"x"}\n'), 1, /is not UTF-8 text but UTF-16$/],
    [
      'Latin letters in the third line',
      'a.jsonl',
      Buffer.from('{"question":"a"}\n\n{"question":"caf\xe9"}\n', 'latin1'),
      3,
      /is not UTF-8 text$/,
    ],
    ['semicolons', 'a.csv', 'question;answer\r\nx;y\r\n', 1, /semicolons between its names; expected commas/],
    ['tabs', 'a.csv', 'question\tanswer\nx\ty\n', 1, /tabs between its names/],
    ['too many values', 'a.csv', 'question,answer\nx,y\nx,y,z\n', 3, /has 3 values; expected 2/],
    ['too few values', 'a.csv', 'question,answer\nx\n', 2, /has 1 values; expected 2/],
    ['a quote that stays open', 'a.csv', 'question\nx\n"y\nz\n', 3, /does not end properly/],
    ['a column named twice', 'a.csv', 'question,question\nx,y\n', 1, /"question" twice/],
    ['capital names', 'a.csv', 'Question,Answer\nx,y\n', 2, /has no "question", only "Question", "Answer"/],
    ['another name', 'a.jsonl', '{"question":"a"}\n{"prompt":"b"}\n', 2, /has no "question", only "prompt"/],
    ['a line that was cut', 'a.jsonl', '{"question":"a"}\n{"question":"b"', 2, /is not JSON/],
    ['a list', 'a.jsonl', '[{"question":"a"}]', 1, /is a list; expected a JSON object/],
    ['no question', 'a.jsonl', '{"question":"a"}\n{"question":" "}\n', 2, /has " " as "question"/],
    ['a number for a question', 'a.jsonl', '{"question":5}', 1, /has 5 as "question"/],
    ['no output', 'a.jsonl', '{"question":"a","max_tokens":0}', 1, /has 0 as "max_tokens"/],
    ['half a token', 'a.csv', 'question,max_tokens\na,1.5\n', 2, /has "1.5" as "max_tokens"/],
    ['nothing', 'a.jsonl', '', 1, /holds no row/],
    ['blank lines', 'a.jsonl', '\n\n', 1, /holds no row/],
    ['a header alone', 'a.csv', 'question,answer\n', 1, /holds no row/],
  ])('%s', async (_, name, content, line, problem) => {
    await expect(load('custom', name, content, bare)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(new RegExp(`${name}:${line}: `)),
    });
    await expect(load('custom', name, content, bare)).rejects.toThrow(problem);
  });
});

describe('local_rows', () => {
  const template = '{text} / {task} {n}';
  const rows = [
    { text: 'one', task: 'sum', n: 1, gold: 'g1', most: 9 },
    { text: 'two', task: '', n: 2, gold: 5, most: '' },
  ];
  const csv = 'text,task,n,gold,most\none,sum,1,g1,9\ntwo,,2,5,\n';
  const meant = { template, answer: 'gold', max_tokens: 'most' };

  it.each([
    ['rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'), {}],
    ['rows.json', JSON.stringify(rows), {}],
    ['rows.csv', csv, {}],
    ['rows.txt', csv, { format: 'csv' }],
    ['rows.csv', csv.slice(csv.indexOf('\n') + 1), { columns: ['text', 'task', 'n', 'gold', 'most'] }],
  ])('reads %s', async (name, content, options) => {
    expect(await load('local_rows', name, content, { ...meant, ...options })).toEqual([
      { id: '0', prompt: 'one / sum 1', answer: 'g1', maxOutTokens: 9 },
      { id: '1', prompt: 'two /  2', answer: '5' },
    ]);
  });

  it('fills chat turns, never sends the answer, and takes one limit for all', async () => {
    const turns = [
      { role: 'SYSTEM', prompt: 'Be brief.' },
      { role: 'HUMAN', prompt: '{text}? {gold}' },
    ];
    const [first] = await load('local_rows', 'rows.csv', csv, {
      template: turns,
      answer: 'gold',
      max_tokens: 3,
    });
    expect(first).toMatchObject({
      prompt: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one? ' },
      ],
      maxOutTokens: 3,
    });
  });

  it.each([
    [
      'rows.csv',
      csv,
      { template: '{txt}' },
      /rows\.csv:2: the row has no "txt", which the template names; .* text, task/,
    ],
    ['rows.csv', csv, { template: 'the same' }, /template names no column/],
    ['rows.txt', csv, {}, /does not say in which format/],
    ['rows.csv', 'a,b\n', { columns: ['text'] }, /rows\.csv:1: the row has 2 values; expected 1/],
    ['rows.json', '{}', {}, /rows\.json: holds an object; expected a list/],
    ['rows.csv', csv.replace(',9', ',-1'), {}, /rows\.csv:2: the row has "-1" as "most"/],
  ])('refuses %s: %s', async (name, content, options, problem) => {
    await expect(load('local_rows', name, content, { ...meant, ...options })).rejects.toThrow(problem);
  });
});

describe('a custom file in a folder', () => {
  it('is named by file_name', async () => {
    mkdirSync(join(cwd, 'math'));
    writeFileSync(join(cwd, 'math', 'test.jsonl'), '{"problem":"1+1","solution":"2"}');
    const options = { path: 'math', file_name: 'test.jsonl', template: '{problem}' };
    expect(await loadSamples('custom', options, '', context)).toEqual([{ id: '1', prompt: '1+1' }]);
    const wrong = { ...options, file_name: 'other.jsonl' };
    await expect(loadSamples('custom', wrong, '', context)).rejects.toThrow(/math[\\/]other\.jsonl/);
  });
});
