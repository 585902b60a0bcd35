/** A throw-away working directory with task configs, for tests. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { UserError } from '../core/errors.ts';
import { packageRoot } from './files/package-root.ts';
import { parseArgv } from './flags/argv.ts';
import type { RunFlags } from './flags/run-flags.ts';
import type { World } from './loading.ts';
import { resolveConfig } from './resolve.ts';

/** Writes the files below a new folder and returns its path; it goes away with the test. */
export function folderOf(files: Record<string, string>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'ais-bench-config-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return dir;
}

export function flagsOf(line: string): RunFlags {
  const parsed = parseArgv(line.split(' ').filter((word) => word !== ''));
  if (parsed.command !== 'run') throw new Error(`not a run: ${line}`);
  return parsed.flags;
}

/** Resolves a command line in `cwd`; the environment is empty unless given. */
export function resolveLine(line: string, cwd: string, env: World['env'] = {}) {
  return resolveConfig(flagsOf(line), { cwd, env, packageRoot: packageRoot() });
}

/** The lines of the mistakes that `act` is refused for, without their indent. */
export async function mistakesOf(act: () => unknown): Promise<string[]> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.exitCode !== 2) throw new Error(`exit code ${error.exitCode}`);
    const [head, ...lines] = error.message.split('\n');
    return lines.length === 0 ? [head] : lines.map((text) => text.trim());
  }
  return [];
}
