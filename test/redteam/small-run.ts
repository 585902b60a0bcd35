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

/** A config of one model and custom data sets of `rows.jsonl`, but for what is given. */
export function smallConfig(port: number, model: object, datasets: readonly object[]): string {
  const right = {
    type: 'VLLMCustomAPIChat',
    abbr: 'm',
    stream: true,
    host_ip: '127.0.0.1',
    host_port: port,
    model: 'm',
  };
  const rows = { abbr: 'set', type: 'custom', path: 'rows.jsonl' };
  const models = JSON.stringify([{ ...right, ...model }]);
  const sets = JSON.stringify(datasets.map((dataset) => ({ ...rows, ...dataset })));
  return `export const models = ${models};\nexport const datasets = ${sets};\n`;
}

export function smallRun({ port, rows, model = {}, abbrs = ['set'] }: SmallRunOptions): SmallRun {
  const dir = mkdtempSync(join(tmpdir(), 'redteam-'));
  const lines = Array.from({ length: rows }, (_, row) => `{"question":"row ${row}.","max_tokens":8}`);
  writeFileSync(join(dir, 'rows.jsonl'), lines.join('\n'));
  const datasets = abbrs.map((abbr) => ({ abbr }));
  writeFileSync(join(dir, 'config.ts'), smallConfig(port, { retry: 0, ...model }, datasets));
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
