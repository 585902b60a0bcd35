/** Runs the command as a shell or a terminal would. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished } from './harness.ts';

export interface ShellResult extends Finished {
  /** What the script has written into the file `code`; null when it has not. */
  exitCode: number | null;
}

/** Runs a bash script in `cwd` whose `"$@"` is `words`. */
export async function shell(script: string, words: readonly string[], cwd: string): Promise<ShellResult> {
  rmSync(join(cwd, 'code'), { force: true });
  const child = spawn('bash', ['-c', script, 'bash', ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      told[name] += text;
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const file = join(cwd, 'code');
  const exitCode = existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
  return { code, signal, ...told, exitCode };
}

export type Step =
  | { expect: string }
  | { send: string }
  | { quiet: number }
  | { resize: [rows: number, columns: number] }
  | { stopped: true }
  | { resume: true }
  | { hangUp: true };

export interface Shown {
  code: number;
  output: string;
  restored: boolean;
  stops: boolean[];
  missing: string | null;
}

/** Plays `steps` to a command in a terminal of 12 rows. */
export function playTerminal(words: readonly string[], cwd: string, columns: number, steps: Step[]): Shown {
  const job = { rows: TERMINAL_ROWS, columns, command: words, steps };
  const r = spawnSync('python3', [join(import.meta.dirname, 'terminal.py')], {
    cwd,
    input: JSON.stringify(job),
    encoding: 'utf8',
  });
  if (r.status !== 0) throw new Error(`the terminal ended with ${r.status}: ${r.stderr}`);
  return JSON.parse(r.stdout) as Shown;
}

export const TERMINAL_ROWS = 12;
