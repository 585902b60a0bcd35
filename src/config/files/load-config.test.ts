import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../folder.fixture.ts';
import { loadConfig } from './load-config.ts';

async function load(name: string, files: Record<string, string>) {
  const dir = folderOf(files);
  const loaded = await loadConfig(join(dir, name), { cwd: dir, roots: [], cacheDir: '', env: {} });
  if ('values' in loaded) return loaded.values;
  const { file, problem } = loaded.mistake;
  return `${file.replace(`${dir}/`, '')}: ${problem}`;
}

describe('loadConfig', () => {
  it('reads TypeScript with types, top-level await, imports and a default export', async () => {
    const values = await load('a.ts', {
      'a.ts': `import { defineModels, type ModelTask } from 'ais-bench';
        import { rate } from './b.ts';
        import more from './c.json';
        const task: ModelTask = { type: 'VLLMCustomAPI', abbr: await Promise.resolve('x'), request_rate: rate };
        export const models = defineModels([{ ...task, ...more } satisfies ModelTask]);
        export default { work_dir: 'out', models: [] };`,
      'b.ts': 'export const rate: number = 3;',
      'c.json': '{ "retry": 1 }',
    });
    expect(values).toEqual({
      models: [{ type: 'VLLMCustomAPI', abbr: 'x', request_rate: 3, retry: 1 }],
      work_dir: 'out',
    });
  });

  it.each([
    ['a.json', '{ "models": [1] }', { models: [1] }],
    [
      'a.mjs',
      `import { defineModels } from 'ais-bench'; export const models = defineModels([1]);`,
      { models: [1] },
    ],
    ['a.js', 'export const models = [1];', { models: [1] }],
  ])('reads %s', async (name, text, values) => {
    expect(await load(name, { [name]: text })).toEqual(values);
  });

  it.each([
    [
      'a syntax error',
      'export const a = 1;\nexport const b = { c: 1,, };',
      'a.ts:2:24: syntax error: Unexpected token',
    ],
    [
      'a run-time error',
      'interface A { b: number }\nconst a: A[] = [];\nexport const models = [a[0].b];',
      "a.ts:3: TypeError: Cannot read properties of undefined (reading 'b')",
    ],
    [
      'a missing import',
      `import x from './nowhere.ts';\nexport const models = [x];`,
      /^a\.ts:1: Cannot find module '\.\/nowhere\.ts'$/,
    ],
    [
      'a mistyped helper',
      `import { defineModles } from 'ais-bench';\n\nexport const models = defineModles([]);`,
      'a.ts:3: "ais-bench" exports no defineModles (did you mean "defineModels"?)',
    ],
    ['a thrown text', `throw 'no';`, 'a.ts: threw no'],
  ])('says where %s is', async (_, text, expected) => {
    expect(await load('a.ts', { 'a.ts': text })).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
  });

  it('names the imported file in which an error was thrown', async () => {
    const files = { 'a.ts': `import './sub/b.ts';`, 'sub/b.ts': `\nthrow new Error('set HOST first');` };
    expect(await load('a.ts', files)).toBe('sub/b.ts:2: set HOST first');
  });

  it('refuses broken JSON', async () => {
    expect(await load('a.json', { 'a.json': '{ "models": [1,] }' })).toMatch(
      /^a\.json(:1)?: Unexpected token/,
    );
  });
});
