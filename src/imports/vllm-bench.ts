/** Plug-in: the result file of `vllm bench serve --save-result --save-detailed`. */
import { basename, extname } from 'node:path';
import { z } from 'zod';
import { badImport, isRecord, parsePythonJson, textOf } from './file-errors.ts';
import type { ImportedRow, ImportedRun, Importer } from './imported.ts';

const seconds = z.number().nonnegative();
const count = z.number().int().nonnegative();

/** The lists have one entry a request, in the order in which requests were made. */
const detailed = z.object({
  model_id: z.string().default(''),
  max_concurrency: z.number().int().positive().nullish(),
  request_rate: z.union([z.number(), z.string()]).nullish(),
  input_lens: z.array(count),
  output_lens: z.array(count),
  start_times: z.array(z.number()),
  ttfts: z.array(seconds),
  itls: z.array(z.array(seconds)),
  errors: z.array(z.string().nullable()),
  generated_texts: z.array(z.string()).optional(),
});
type Detailed = z.infer<typeof detailed>;

/** What the tool computed of the lists: where these stand, damage to the lists shows. */
const totals = z.object({
  completed: count.optional(),
  total_output_tokens: count.optional(),
  mean_ttft_ms: z.number().optional(),
  mean_itl_ms: z.number().optional(),
});

const perRequest = ['input_lens', 'output_lens', 'start_times', 'ttfts', 'itls', 'errors'] as const;

export const vllmBench: Importer = {
  title: 'vLLM bench',
  recognizes: (path, isFolder) => !isFolder && extname(path) === '.json',
  async read(path) {
    return [runOf(path, contentOf(path))];
  },
};

function contentOf(path: string): Detailed {
  const text = textOf(path);
  let json: unknown;
  try {
    json = parsePythonJson(text);
  } catch (error) {
    const several = text.trim().split('\n').length > 1 && /^\{.*\}$/m.test(text);
    throw badImport(
      path,
      `it is not complete JSON: ${(error as Error).message}`,
      several
        ? 'A file of --append-result contains one result per line; put the one you want into a file of its own.'
        : 'Check whether the file was truncated or is still being written.',
    );
  }
  if (!isRecord(json)) throw badImport(path, 'expected one JSON object');
  const missing = perRequest.filter((key) => !Object.hasOwn(json, key));
  if (missing.length > 0) {
    throw badImport(
      path,
      `it has no ${missing.join(', ')}`,
      missing.length === 1 && missing[0] === 'start_times'
        ? 'Versions of vLLM that do not save when requests were sent cannot be imported.'
        : 'Save the result with --save-result --save-detailed.',
    );
  }
  const parsed = detailed.safeParse(json);
  if (!parsed.success) {
    const [{ path: place, message }] = parsed.error.issues;
    throw badImport(
      path,
      `${place.map((key) => (typeof key === 'number' ? `[${key}]` : String(key))).join('')}: ${message}`,
    );
  }
  const lengths = perRequest.map((key) => parsed.data[key].length);
  if (lengths.some((length) => length !== lengths[0])) {
    const listed = perRequest.map((key, i) => `${key} ${lengths[i]}`).join(', ');
    throw badImport(path, `its lists are not equally long: ${listed}`);
  }
  if (lengths[0] === 0) throw badImport(path, 'it contains no request');
  checkTotals(path, parsed.data, json);
  return parsed.data;
}

/** Successes are the requests that have output tokens; their figures are over them, gaps over all of theirs. */
function checkTotals(path: string, content: Detailed, json: Record<string, unknown>): void {
  const given = totals.safeParse(json).data;
  if (!given) return;
  const good = content.output_lens.flatMap((tokens, i) => (tokens > 0 && !content.errors[i] ? [i] : []));
  if (given.completed !== undefined && given.completed !== good.length) return;
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const found: [keyof typeof given, number][] = [
    ['total_output_tokens', sum(good.map((i) => content.output_lens[i]))],
    ['mean_ttft_ms', meanMs(good.map((i) => content.ttfts[i]))],
    ['mean_itl_ms', meanMs(good.flatMap((i) => content.itls[i]))],
  ];
  for (const [name, value] of found) {
    const written = given[name];
    if (written === undefined || Math.abs(written - value) <= 1e-6 * Math.max(1, Math.abs(value))) continue;
    throw badImport(path, `it is damaged: ${name} is ${written}, but its lists give ${value}`);
  }
}

function meanMs(seconds: readonly number[]): number {
  return (seconds.reduce((all, value) => all + value, 0) / Math.max(1, seconds.length)) * 1000;
}

function runOf(path: string, content: Detailed): ImportedRun {
  const rows = content.start_times.map((_, index) => rowOf(content, index));
  const failed = rows.filter(({ failure }) => failure !== null).length;
  const unknown = [
    'What an event contained: every event counts as generated output, so a role event is the first token and a finish event the last one, as in vLLM bench.',
    'Usage events and ends of responses: a request is assumed to end with its last event.',
    'When requests were due.',
  ];
  if (failed > 0)
    unknown.push(`When the ${failed} failed requests ended: they are assumed to end with their last event.`);
  const { request_rate: rate } = content;
  return {
    modelAbbr: 'vllm-bench',
    datasetAbbr: basename(path, extname(path)),
    model: content.model_id,
    rows,
    tokenSource: 'unknown',
    maxConcurrency: content.max_concurrency ?? null,
    openLoop: typeof rate === 'number' || (typeof rate === 'string' && rate !== 'inf'),
    unknown,
  };
}

function rowOf(content: Detailed, index: number): ImportedRow {
  const sentS = content.start_times[index];
  const ttft = content.ttfts[index];
  const gaps = content.itls[index];
  const outTokens = content.output_lens[index];
  const text = content.generated_texts?.[index];
  const error = content.errors[index];
  const silent = ttft === 0 && gaps.length === 0;
  const unexplained = silent && outTokens === 0 ? 'failed without a reason' : null;
  const failure = error || unexplained;
  return {
    index,
    turn: 0,
    sentS,
    pointsS: silent && failure !== null ? new Float64Array(0) : pointsOf(sentS + ttft, gaps),
    failure: failure === null ? null : lastLine(failure),
    inTokens: content.input_lens[index],
    ...(failure === null ? { outTokens } : {}),
    ...(text ? { text } : {}),
  };
}

function pointsOf(first: number, gaps: readonly number[]): Float64Array {
  const points = new Float64Array(gaps.length + 1);
  points[0] = first;
  gaps.forEach((gap, i) => {
    points[i + 1] = points[i] + gap;
  });
  return points;
}

/** Of a Python traceback the last line says what went wrong. */
function lastLine(error: string): string {
  return error.trim().split('\n').at(-1) ?? error;
}
