import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentVariables } from '../../src/config/environment.ts';
import { constants } from '../../src/config/files/global-constants.ts';
import { modelTask, summarizerTask } from '../../src/config/schemas.ts';
import { configurationPage } from '../../tools/docs/configuration-page.ts';
import { helpOf } from '../../tools/docs/help-of.ts';
import { keysOf } from '../../tools/docs/schema-keys.ts';

const root = resolve(import.meta.dirname, '../..');

describe('docs/configuration.md', () => {
  it('explains every key, flag and command', async () => {
    expect((await configurationPage(helpOf)).unexplained).toEqual([]);
  });

  it('is what `npm run docs` would write now', async () => {
    const { text } = await configurationPage(helpOf);
    const stored = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
    expect(stored === text || 'docs/configuration.md is not current: run `npm run docs` and commit it').toBe(
      true,
    );
  });

  it('lists every variable of the environment that the code reads', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const read = files
      .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\./.test(file))
      .flatMap((file) => [
        ...readFileSync(join(root, 'src', file), 'utf8').matchAll(/\benv\??\.([A-Z][A-Z_]+)/g),
      ])
      .map((match) => match[1]);
    const known = [...Object.keys(environmentVariables), ...Object.keys(constants.shape)];
    expect(
      [...new Set(read)].filter((name) => !known.includes(name)),
      'add them to src/config/environment.ts',
    ).toEqual([]);
  });
});

describe('the comments that an editor shows in a task config', () => {
  const api = readFileSync(join(root, 'src/config/api.ts'), 'utf8');

  function commentsOf(name: string): Record<string, string> {
    const body = new RegExp(`export interface ${name} \\{(.*?)\\n\\}`, 's').exec(api)?.[1] ?? '';
    const found = body.matchAll(/\/\*\*(.*?)\*\/\s*(\w+)\??:/gs);
    return Object.fromEntries(
      [...found].map(([, text, key]) => [key, text.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim()]),
    );
  }

  it.each([
    ['ModelTask', modelTask, ''],
    ['TrafficTask', modelTask, 'traffic_cfg.'],
    ['SummarizerTask', summarizerTask, ''],
  ] as const)('say what the schema says of %s', (name, schema, prefix) => {
    const inSchema = keysOf(schema)
      .filter(({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('.'))
      .map(({ path, meaning }) => [path.slice(prefix.length), meaning]);
    expect(commentsOf(name), `src/config/api.ts differs from src/config/schemas.ts`).toEqual(
      Object.fromEntries(inSchema),
    );
  });
});
