import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../files/package-root.ts';
import { flagsOf } from '../folder.fixture.ts';
import { resolveConfig } from '../resolve.ts';
import type { RunConfig } from '../run-config.ts';

const root = join(packageRoot(), 'test/fixtures/python-configs');
const env = { EVAL_PORT: '9001', EVAL_HOST: '10.0.0.7', EVAL_KEY: 'k-123' };
const named = (folder: string) =>
  readdirSync(join(root, folder)).flatMap((file) => (file.endsWith('.py') ? [file.slice(0, -3)] : []));

/** What a command line comes to, with paths that are the same on every machine. */
async function resolved(line: string, pick: (config: RunConfig) => unknown) {
  const flags = flagsOf(`${line} --config-dir . --no-merge-ds`);
  const { config, warnings } = await resolveConfig(flags, { cwd: root, env, packageRoot: packageRoot() });
  const text = JSON.stringify({ ...(pick(config) as object), warnings }, null, 2);
  return `${text.replaceAll(root, '<root>').replaceAll(packageRoot(), '<package>')}\n`;
}

/** Without repetitions: every model runs with every data set. */
const models = (config: RunConfig) => [...new Set(config.tasks.map((t) => t.model))];
const datasets = (config: RunConfig) => [...new Set(config.tasks.map((t) => t.dataset))];

const expected = (folder: string, name: string) => join(root, folder, `${name}.expected.json`);

describe("configs in the original's own style", () => {
  it('are enough to mean something', () => {
    const all = ['models', 'datasets', 'summarizers', 'runs', 'consts'].flatMap(named);
    expect(all.length).toBeGreaterThanOrEqual(25);
  });

  it.each(named('models'))('model %s', async (name) => {
    const found = await resolved(`--models ${name} --datasets gsm8k_bare`, (c) => ({ models: models(c) }));
    await expect(found).toMatchFileSnapshot(expected('models', name));
  });

  it.each(named('datasets'))('data set %s', async (name) => {
    const line = `--models vllm_api_stream_chat --datasets ${name}`;
    const found = await resolved(line, (c) => ({ datasets: datasets(c) }));
    await expect(found).toMatchFileSnapshot(expected('datasets', name));
  });

  it.each(named('summarizers'))('summarizer %s', async (name) => {
    const line = `--models vllm_api_stream_chat --datasets gsm8k_bare --summarizer ${name}`;
    const found = await resolved(line, (c) => ({ summarizer: c.summarizer }));
    await expect(found).toMatchFileSnapshot(expected('summarizers', name));
  });

  it.each(named('runs'))('one file: %s', async (name) => {
    const found = await resolved(`runs/${name}.py`, (c) => ({
      models: models(c),
      datasets: datasets(c),
      summarizer: c.summarizer,
      workDir: c.workDir,
    }));
    await expect(found).toMatchFileSnapshot(expected('runs', name));
  });

  it('constants of all tasks', async () => {
    const flags = flagsOf('--models vllm_api_general --datasets gsm8k_gen --config-dir consts');
    const { config, warnings } = await resolveConfig(flags, { cwd: root, env, packageRoot: packageRoot() });
    expect(config).toMatchObject({ workers: 2, requestTimeoutMs: null, logLevel: 'DEBUG' });
    expect(warnings).toEqual([expect.stringMatching(/^MAX_CHUNK_SIZE is ignored/)]);
  });

  it("the document's model config, letter by letter, under a name and as a path", async () => {
    const text = readFileSync(join(root, 'models/document_stream_chat.py'), 'utf8');
    expect(text).toContain('repetition_penalty = 1.03,\n            ignore_eos = True,      # The inference');
    for (const name of [
      'document_stream_chat',
      'document_stream_chat.py',
      './models/document_stream_chat.py',
    ]) {
      const found = await resolved(`--models ${name} --datasets gsm8k_bare`, (c) => ({ models: models(c) }));
      await expect(found).toMatchFileSnapshot(expected('models', 'document_stream_chat'));
    }
  });
});
