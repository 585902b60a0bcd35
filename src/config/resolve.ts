/** From flags, environment and task configs to the one `RunConfig`. */

import { isObject } from '../core/json-object.ts';
import { checkFlags } from './check-flags.ts';
import { type CheckedTasks, checkTasks } from './check-tasks.ts';
import { type GlobalConstants, readGlobalConstants } from './files/global-constants.ts';
import { readTasks, type TaskSources } from './files/task-sources.ts';
import type { RunFlags } from './flags/run-flags.ts';
import { startLoading, type World } from './loading.ts';
import { throwMistakes } from './mistakes.ts';
import { DEFAULT_WORK_DIR, isSending, otherFlags, type RunConfig, type Settings } from './run-config.ts';
import { runWarnings } from './warnings.ts';

/**
 * Finds, loads and checks everything the flags name, and fills in every default. Reads files, writes
 * none, sends nothing. Throws one `UserError` (exit code 2) that lists all mistakes of all files.
 */
export async function resolveConfig(
  flags: RunFlags,
  world: World,
): Promise<{ config: RunConfig; warnings: string[] }> {
  const loading = startLoading(flags, world);
  checkFlags(flags, loading);
  const sources = await readTasks(flags, loading);
  const constants = await readGlobalConstants(loading);
  const checked = checkTasks(sources, flags, loading);
  throwMistakes(loading.mistakes, world.cwd, secretsOf(sources, world.env));
  if (!checked) throw new Error('a task was lost without a mistake');
  const config = runConfig(flags, checked, constants);
  const warnings = [...loading.warnings, ...runWarnings(flags, config)];
  return { config, warnings: [...new Set(warnings)] };
}

/** What the flags, the tasks and the constants come to. */
export function runConfig(
  flags: RunFlags,
  { tasks, summarizer, workDir }: CheckedTasks,
  constants: GlobalConstants,
): RunConfig {
  return {
    ...settingsOf(flags),
    tasks,
    summarizer,
    workDir: flags.workDir ?? workDir ?? DEFAULT_WORK_DIR,
    pressure: flags.pressure ? { durationMs: flags.pressureMs } : null,
    untilPrecise: flags.untilPrecise && { targets: flags.untilPrecise, maxTimeMs: flags.maxTimeMs },
    workers: flags.workers ?? constants.workers,
    requestTimeoutMs: constants.requestTimeoutMs,
    logLevel: constants.logLevel,
    specDecode: flags.specDecode && isSending(flags),
    cache: {
      policy: flags.cache,
      salt: flags.cacheSalt ?? '',
      sentBefore: {},
      seeded: flags.given.has('seed'),
    },
  };
}

/** What the flags say of the run, without what has another form in the configuration. */
function settingsOf(flags: RunFlags): Settings {
  const others: readonly string[] = otherFlags;
  const kept = Object.entries(flags).filter(([key]) => !others.includes(key));
  return Object.fromEntries(kept) as unknown as Settings;
}

/** Whatever was given as a key, so that no message repeats it. */
function secretsOf(sources: TaskSources, env: World['env']): string[] {
  const keys = sources.models.map((s) => (isObject(s.value) ? s.value.api_key : undefined));
  return [...keys, env.AIS_BENCH_API_KEY, env.OPENAI_API_KEY].filter((k) => typeof k === 'string');
}
