import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flagsOf, folderOf, mistakesOf } from '../folder.fixture.ts';
import type { Places } from '../loading.ts';
import { noFindings } from '../mistakes.ts';
import { findConfigs, type TaskKind } from './find-config.ts';
import { packageRoot } from './package-root.ts';
import { searchTable } from './search-configs.ts';

/** A package with two models, and a working directory with whatever is given. */
function placesWith(files: Record<string, string>, configDir: string | null = null): Places {
  const dir = folderOf({
    'pkg/configs/models/vllm/chat.ts': '',
    'pkg/configs/models/vllm/chat_stream.ts': '',
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`cwd/${name}`, text])),
  });
  mkdirSync(join(dir, 'cwd'), { recursive: true });
  return { cwd: join(dir, 'cwd'), packageRoot: join(dir, 'pkg'), configDir, env: {} };
}

function find(name: string, places: Places, kind: TaskKind = 'models') {
  const findings = noFindings();
  const found = findConfigs([name], kind, { ...places, ...findings, willSend: true });
  const short = (text: string) => text.replaceAll(`${places.packageRoot.slice(0, -3)}`, '');
  return {
    file: found.map((f) => short(f.file))[0],
    mistakes: findings.mistakes.map((m) => short(m.problem)),
    warnings: findings.warnings.map(short),
  };
}

describe('findConfigs', () => {
  it('looks below the config dir first, then in the package', () => {
    const places = placesWith({ 'configs/models/deep/er/chat.ts': '' });
    expect(find('chat', places).file).toBe('cwd/configs/models/deep/er/chat.ts');
    expect(find('chat_stream', places).file).toBe('pkg/configs/models/vllm/chat_stream.ts');
    const elsewhere = placesWith({ 'mine/models/chat.json': '', 'configs/models/chat.ts': '' }, 'mine');
    expect(find('chat', elsewhere).file).toBe('cwd/mine/models/chat.json');
  });

  it('takes names in any letter case, with an ending, with folders, and paths', () => {
    const places = placesWith({ 'a/b.ts': '', 'a/b.d.ts': '', 'notes.md': '' });
    for (const name of ['CHAT', 'chat.ts', 'vllm/chat']) {
      expect(find(name, places), name).toMatchObject({
        file: 'pkg/configs/models/vllm/chat.ts',
        warnings: [],
      });
    }
    for (const name of ['./a/b', './a/b.ts', join(places.cwd, 'a/b.ts')]) {
      expect(find(name, places).file, name).toBe('cwd/a/b.ts');
    }
    expect(find('./notes.md', places).file).toBeUndefined();
  });

  it('warns when a folder holds several of that name, and takes the first', () => {
    const places = placesWith({ 'configs/models/b/x.ts': '', 'configs/models/a/x.ts': '' });
    expect(find('x', places)).toEqual({
      file: 'cwd/configs/models/a/x.ts',
      mistakes: [],
      warnings: [
        '--models: several files are named "x", the first is used: configs/models/a/x.ts, configs/models/b/x.ts',
      ],
    });
  });

  it('takes Python configs beside the others, and of two that are alike the one whose ending is given', () => {
    const places = placesWith({ 'configs/models/a/x.py': '', 'configs/models/__init__.py': '', 'y.py': '' });
    expect(find('x', places)).toMatchObject({ file: 'cwd/configs/models/a/x.py', warnings: [] });
    expect(find('./y', places).file).toBe('cwd/y.py');
    expect(find('__init__', places).file).toBeUndefined();
    const both = placesWith({ 'configs/models/x.py': '', 'configs/models/x.ts': '' });
    expect(find('x.py', both)).toMatchObject({ file: 'cwd/configs/models/x.py', warnings: [] });
    expect(find('x.ts', both)).toMatchObject({ file: 'cwd/configs/models/x.ts', warnings: [] });
    expect(find('x', both)).toMatchObject({
      file: 'cwd/configs/models/x.ts',
      warnings: [expect.stringMatching(/several files are named "x"/)],
    });
  });

  it('names near ones when there is none', () => {
    const places = placesWith({ 'configs/models/caht_t.ts': '' });
    expect(find('chatt', places).mistakes).toEqual([
      'no task config named "chatt" in configs/models or pkg/configs/models (did you mean "chat" or "caht_t" or "chat_stream"?)',
    ]);
    expect(find('chat_.py', places).mistakes).toEqual([
      'no task config named "chat_.py" in configs/models or pkg/configs/models (did you mean "chat" or "caht_t" or "chat_stream"?)',
    ]);
  });
});

describe('searchTable', () => {
  const world = { cwd: folderlessCwd(), packageRoot: packageRoot(), env: {} };
  const packaged = (path: string) => join(packageRoot(), 'configs', path);

  it('gives the rows of the document, in the order of the flags', () => {
    const flags = flagsOf(
      '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf --pressure --search',
    );
    expect(searchTable(flags, world).rows).toEqual([
      {
        taskType: '--models',
        name: 'vllm_api_stream_chat',
        path: packaged('models/vllm_api/vllm_api_stream_chat.ts'),
      },
      {
        taskType: '--datasets',
        name: 'demo_gsm8k_gen_4_shot_cot_chat_prompt',
        path: packaged('datasets/demo/demo_gsm8k_gen_4_shot_cot_chat_prompt.ts'),
      },
      {
        taskType: '--summarizer',
        name: 'stable_stage',
        path: packaged('summarizers/perf/stable_stage.ts'),
      },
    ]);
  });

  it('lists everything when nothing is named, and reports every unknown name', async () => {
    expect(searchTable(flagsOf('-s --debug'), world).rows.length).toBeGreaterThan(14);
    const wrong = flagsOf('--models nope --datasets nope --summarizer nope -s');
    expect(await mistakesOf(() => searchTable(wrong, world))).toHaveLength(3);
  });
});

/** A directory that has no `configs/`. */
function folderlessCwd(): string {
  return join(packageRoot(), 'src');
}
