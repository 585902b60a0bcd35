/** What the newest runs of a work dir sent, from the configurations that they left. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { policyOf } from '../../config/flags/cache-policy.ts';
import { redactedConfig } from '../../config/redact.ts';
import type { RunConfig } from '../../config/run-config.ts';
import { cachePolicies } from '../../core/run.ts';
import { stampsIn } from '../../store/run-folder.ts';

/** Caches forget: what lies further back is not looked for. */
const MAX_RUNS = 200;
const MAX_BYTES = 4 * 1024 * 1024;

/** One task of a run, as far as a cache would know it again. */
export interface SentTask {
  url: string;
  /** The same text for the same rows. */
  rows: string;
  asIs: boolean;
}

export interface EarlierRun {
  stamp: string;
  salt: string;
  tasks: SentTask[];
}

/** Newest first, each read when it is asked for; those without a readable configuration are left out. */
export function* earlierRuns(workDir: string): Generator<EarlierRun> {
  for (const stamp of stampsIn(workDir).slice(0, MAX_RUNS)) {
    for (const config of storedConfigs(join(resolve(workDir), stamp, 'configs'))) {
      const { salt } = objectOf(config.cache);
      yield { stamp, salt: typeof salt === 'string' ? salt : '', tasks: tasksOf(config) };
    }
  }
}

/** What this run is going to send, put as it will be stored. */
export function sentTasks(config: RunConfig): SentTask[] {
  return tasksOf(objectOf(redactedConfig(config)));
}

type Stored = Record<string, unknown>;

function storedConfigs(folder: string): Stored[] {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return files.flatMap((name) => {
      const file = join(folder, name);
      const { size } = statSync(file);
      return size > MAX_BYTES ? [] : [objectOf(JSON.parse(readFileSync(file, 'utf8')))];
    });
  } catch {
    // Somebody else's folder, or a damaged one: it tells nothing of what was sent.
    return [];
  }
}

function tasksOf({ tasks, seed, numPrompts, cache }: Stored): SentTask[] {
  if (!Array.isArray(tasks)) return [];
  const asked = cachePolicies.find((policy) => policy === objectOf(cache).policy) ?? null;
  return tasks.map((task) => {
    const { model, dataset } = objectOf(task);
    const { url } = objectOf(model);
    const { type } = objectOf(dataset);
    return {
      url: String(url),
      rows: JSON.stringify([withoutPlaces(dataset), seed, numPrompts]),
      asIs: cache === undefined || policyOf(asked, String(type)) === 'as-is',
    };
  });
}

/** The same rows whichever config file asks for them. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  const { file: _file, ...rest } = value as Stored;
  return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, withoutPlaces(item)]));
}

function objectOf(value: unknown): Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Stored) : {};
}
