/** The facts of a run as a file holds them: whoever wrote the file, what is read on has the shape that it must have. */
import { z } from 'zod';
import type { RunEnd, RunInfo, WorkerHealth } from '../core/run.ts';

const count = z.number().int().nonnegative();

/** What every reader relies on. Fields that came later may be absent, and those of a later version are kept. */
const info = z.looseObject({
  tool: z.looseObject({ name: z.string(), version: z.string() }),
  host: z.looseObject({ node: z.string(), platform: z.string(), cpu: z.string() }),
  startedAtUnixMs: z.number(),
  modelAbbr: z.string(),
  shownAs: z.string().optional(),
  datasetAbbr: z.string(),
  protocol: z.string(),
  stream: z.boolean(),
  url: z.string(),
  model: z.string(),
  batchSize: count,
  workers: count,
  schedule: z.looseObject({ kind: z.string() }),
  plannedRequests: count.nullable(),
  samples: count,
  forcedOutTokens: z.union([z.number(), z.array(z.number())]).optional(),
  seed: z.number(),
  tokenizer: z.string(),
  warmup: z.looseObject({
    total: count,
    ok: count,
    failed: count,
    reasons: z.record(z.string(), z.number()),
  }),
});

const end = z
  .looseObject({
    endMs: z.number(),
    lastIssueMs: z.number(),
    issued: count,
    interrupted: z.boolean(),
    slotsOpened: count,
    health: z.array(z.looseObject({ worker: count })),
  })
  .nullable();

/** Throws an `Error` in one line that names the first field that is not as it must be. */
export function runInfoIn(value: unknown): RunInfo {
  return checked(info, value, 'run_info') as unknown as RunInfo;
}

/** The same of the run's end; null when the run was killed before it. */
export function runEndIn(value: unknown): RunEnd | null {
  const found = checked(end, value, 'run_end') as unknown as RunEnd | null;
  return found && { ...found, health: found.health.map(renameOldKeys) };
}

/** Version 0.1.0 spelled `utilization` in the British way. */
function renameOldKeys(health: WorkerHealth & { utilisation?: number }): WorkerHealth {
  const { utilisation, ...others } = health;
  return utilisation === undefined ? health : { ...others, utilization: utilisation };
}

function checked(schema: z.ZodType, value: unknown, name: string): unknown {
  const { success, error } = schema.safeParse(value);
  if (success) return value;
  const [{ path, message }] = error.issues;
  throw new Error(`its facts of the run are not whole: ${[name, ...path].join('.')}: ${message}`);
}
