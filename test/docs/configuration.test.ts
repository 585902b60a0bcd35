import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentVariables } from '../../src/config/environment.ts';
import { constants } from '../../src/config/files/global-constants.ts';
import { configurationPage } from '../../tools/docs/configuration-page.ts';
import { type GeneratedFile, generatedFiles } from '../../tools/docs/generated-files.ts';
import { helpOf } from '../../tools/docs/help-of.ts';

const root = resolve(import.meta.dirname, '../..');

describe('npm run docs', () => {
  it('has been run since the last change of a schema, a flag or a help text', async () => {
    const { files } = await generatedFiles(root);
    const stored = ({ path }: GeneratedFile) => readFileSync(join(root, path), 'utf8');
    const old = files.filter((file) => stored(file) !== file.text).map(({ path }) => path);
    expect(old, 'run `npm run docs` and commit what it writes').toEqual([]);
    expect(files.length).toBeGreaterThan(12);
  });
});

describe('docs/configuration.md', () => {
  it('explains every key, flag and command', async () => {
    expect((await configurationPage(helpOf)).unexplained).toEqual([]);
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
