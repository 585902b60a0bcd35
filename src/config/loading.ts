/** What every step from the flags to the configuration looks at and adds to. */
import type { RunFlags } from './flags/run-flags.ts';
import { type Findings, noFindings } from './mistakes.ts';
import { isSending } from './run-config.ts';

/** Where task configs lie, and what they may refer to. */
export interface Places {
  cwd: string;
  /** Folder of this package; its `configs/` are searched last. */
  packageRoot: string;
  /** `--config-dir`; null: `configs` below `cwd`, if there is one. */
  configDir: string | null;
  env: Readonly<Record<string, string | undefined>>;
}

/** The world around a run, as far as its configuration depends on it. */
export type World = Omit<Places, 'configDir'>;

export interface Loading extends Places, Findings {
  /** False when nothing will be sent: then tokenizer and certificate need not be on this machine. */
  willSend: boolean;
}

/** A loading that has found nothing yet. */
export function startLoading(
  { configDir, mode, reuse }: Pick<RunFlags, 'configDir' | 'mode' | 'reuse'>,
  { cwd, packageRoot, env }: World,
): Loading {
  return { cwd, packageRoot, env, configDir, willSend: isSending({ mode, reuse }), ...noFindings() };
}
