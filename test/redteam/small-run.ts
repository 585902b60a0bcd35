/** The smallest run: a folder with rows and a config that names them. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallRun {
  dir: string;
  /** Arguments of a run of it. */
  args: string[];
  /** The folders of its runs, oldest first. */
  runs(): string[];
  remove(): void;
}

interface SmallRunOptions {
  port: number;
  rows: number;
  /** Over the keys of the model, and of each data set. */
  model?: Record<string, unknown>;
  abbrs?: readonly string[];
}

export function smallRun({ port, rows, model = {}, abbrs = ['set'] }: SmallRunOptions): SmallRun {
  const dir = mkdtempSync(join(tmpdir(), 'redteam-'));
  const lines = Array.from({ length: rows }, (_, row) => `{"question":"row ${row}.","max_tokens":8}`);
  writeFileSync(join(dir, 'rows.jsonl'), lines.join('\n'));
  const right = {
    type: 'VLLMCustomAPIChat',
    abbr: 'm',
    stream: true,
    host_ip: '127.0.0.1',
    host_port: port,
    model: 'm',
    retry: 0,
  };
  const models = JSON.stringify([{ ...right, ...model }]);
  const datasets = JSON.stringify(abbrs.map((abbr) => ({ abbr, type: 'custom', path: 'rows.jsonl' })));
  writeFileSync(
    join(dir, 'config.ts'),
    `export const models = ${models};\nexport const datasets = ${datasets};\n`,
  );
  const outputs = join(dir, 'outputs/default');
  return {
    dir,
    args: ['config.ts', '--mode', 'perf', '--num-warmups', '0', '--summarizer', 'default_perf'],
    runs: () =>
      existsSync(outputs)
        ? readdirSync(outputs)
            .sort()
            .map((name) => join(outputs, name))
        : [],
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
