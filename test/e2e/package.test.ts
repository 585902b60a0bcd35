import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './harness.ts';

describe('the published package', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ais-bench-package-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const shell = (command: string) => execFileSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8' });

  it('installs elsewhere and works under both names', () => {
    const [{ filename, unpackedSize }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
        cwd: root,
        encoding: 'utf8',
      }),
    ) as [{ filename: string; unpackedSize: number }];
    expect(unpackedSize).toBeLessThan(30e6);
    writeFileSync(join(dir, 'package.json'), '{"private":true,"type":"module"}');
    shell(`npm i --no-audit --no-fund ./${filename}`);
    const { version } = JSON.parse(execFileSync('cat', [join(root, 'package.json')], { encoding: 'utf8' }));
    expect(shell('npx --no-install ais_bench --version').trim()).toContain(version);
    expect(shell('npx --no-install ais-bench --version').trim()).toContain(version);
    const search = shell(
      'npx --no-install ais_bench --models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --search',
    );
    expect(search).toContain(
      join(dir, 'node_modules/ais-bench/configs/models/vllm_api/vllm_api_stream_chat.ts'),
    );
  });

  it('runs its demo there, and a task config with the typed helpers loads', () => {
    const out = shell('npx --no-install ais_bench demo');
    expect(out).toContain('│ Common Metric');
    expect(out).toContain('_plot.html');
    execFileSync('mkdir', ['-p', join(dir, 'configs/models')]);
    writeFileSync(
      join(dir, 'configs/models/mine.ts'),
      "import { defineModels } from 'ais-bench';\nexport const models = defineModels([{ type: 'VLLMCustomAPIChat', abbr: 'mine', stream: true, host_port: 1, batch_size: 2 }]);\n",
    );
    const plan = shell(
      'npx --no-install ais_bench --models mine --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --mode perf --dry-run',
    );
    expect(plan).toContain('mine/demo_gsm8k');
  });
});
