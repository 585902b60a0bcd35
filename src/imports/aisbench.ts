/** Plug-in: `<data set>_details.jsonl` of AISBench with the sqlite files of its time points. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { badImport, isRecord, textOf } from './file-errors.ts';
import type { ImportedRow, ImportedRun, Importer } from './imported.ts';
import { readTimePoints } from './time-points.ts';

const DETAILS = '_details.jsonl';

const detail = z.object({
  id: z.unknown(),
  success: z.boolean(),
  error_info: z.string().nullish(),
  time_points: z.object({ __db_ref__: z.coerce.number() }).nullish(),
  input_tokens: z.number().int().nonnegative().nullish(),
  output_tokens: z.number().int().nonnegative().nullish(),
  prediction: z.unknown(),
  turn_id: z.number().int().nonnegative().nullish(),
  db_name: z.string(),
});
type Detail = z.infer<typeof detail>;

export const aisbench: Importer = {
  title: 'AISBench',
  recognizes: (path, isFolder) => isFolder || path.endsWith(DETAILS),
  async read(path) {
    const files = detailsFiles(path);
    if (files.length === 0) {
      throw badImport(
        path,
        `it contains no file named …${DETAILS}`,
        'Name a run folder of AISBench, or a single details file.',
      );
    }
    const runs: ImportedRun[] = [];
    for (const file of files) runs.push(await readDetails(file));
    return runs;
  },
};

function detailsFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(DETAILS))
    .sort()
    .map((name) => join(path, name));
}

async function readDetails(path: string): Promise<ImportedRun> {
  const details = linesOf(path);
  checkReferences(path, details);
  const points = await pointsByDatabase(path, details);
  const rows = details.map((line, index) => rowOf(path, line, index, points));
  const timeless = rows.filter(({ sentS }) => sentS === null).length;
  if (timeless === rows.length) throw badImport(path, 'no request of it has time points');
  const uncounted = rows.filter(
    ({ outTokens, failure }) => failure === null && outTokens === undefined,
  ).length;
  const unknown = [
    'What an event contained: every event counts as generated output, so a role event is the first token and the usage event the last one, as in AISBench.',
    'When requests were due, attempts before the last one, and the limit on requests in flight.',
  ];
  if (timeless > 0)
    unknown.push(`When ${timeless} failed requests ran: they count as failed and take no time.`);
  if (uncounted > 0)
    unknown.push(
      `Output tokens of ${uncounted} requests: the service did not count them, and AISBench does so only for its tables.`,
    );
  return {
    modelAbbr: basename(dirname(path)),
    datasetAbbr: basename(path).slice(0, -DETAILS.length),
    model: '',
    rows,
    tokenSource: 'usage',
    maxConcurrency: null,
    openLoop: false,
    unknown,
  };
}

function linesOf(path: string): Detail[] {
  const lines = textOf(path).split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw badImport(path, 'it is empty');
  return lines.map((line, i) => {
    const where = `line ${i + 1}`;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (error) {
      throw badImport(
        path,
        `${where} is not complete JSON: ${(error as Error).message}`,
        'Check whether the file was truncated.',
      );
    }
    if (isRecord(json) && 'sent_ms' in json) {
      throw badImport(
        path,
        'ais_bench wrote it itself',
        'Recalculate that run with --mode perf_viz --reuse.',
      );
    }
    const parsed = detail.safeParse(json);
    if (parsed.success) return parsed.data;
    const [{ path: place, message }] = parsed.error.issues;
    throw badImport(path, `${where}, ${place.join('.') || 'record'}: ${message}`);
  });
}

/** Each request has time points of its own. */
function checkReferences(path: string, details: readonly Detail[]): void {
  const seen = new Map<string, number>();
  details.forEach(({ db_name, time_points }, i) => {
    if (!time_points) return;
    const place = `${basename(db_name)} ${time_points.__db_ref__}`;
    const first = seen.get(place);
    if (first !== undefined) {
      throw badImport(path, `it is damaged: lines ${first + 1} and ${i + 1} have the same time points`);
    }
    seen.set(place, i);
  });
}

/** The files lie in `db_data/`, those of a run that did not end well still in `tmp/`. */
async function pointsByDatabase(
  path: string,
  details: readonly Detail[],
): Promise<Map<string, Map<number, Float64Array>>> {
  const found = new Map<string, Map<number, Float64Array>>();
  for (const name of new Set(details.map(({ db_name }) => basename(db_name)))) {
    const places = [join(dirname(path), 'db_data', name), join(dirname(path), 'tmp', `tmp_${name}`)];
    const file = places.find((place) => existsSync(place));
    if (file === undefined) {
      throw badImport(path, `its time points ${name} are missing`, `Expected ${places.join(' or ')}.`);
    }
    found.set(name, await readTimePoints(file));
  }
  return found;
}

/** As AISBench has it: a success with fewer than two time points is a failure, and so is one whose points were never saved. */
function rowOf(
  path: string,
  line: Detail,
  index: number,
  databases: Map<string, Map<number, Float64Array>>,
): ImportedRow {
  const ref = line.time_points?.__db_ref__;
  const points = ref === undefined ? undefined : databases.get(basename(line.db_name))?.get(ref);
  const [sentS, ...rest] = points ?? [];
  if (points?.some((at, i) => !Number.isFinite(at) || at < (points[i - 1] ?? at)))
    throw badImport(path, `line ${index + 1}: its time points are not ascending`);
  const failure = failureOf(line, rest.length);
  return {
    index,
    turn: line.turn_id ?? 0,
    sentS: sentS ?? null,
    pointsS: Float64Array.from(rest),
    failure,
    inTokens: line.input_tokens || undefined,
    outTokens: failure === null ? (line.output_tokens ?? undefined) : undefined,
    text: typeof line.prediction === 'string' ? line.prediction : undefined,
  };
}

function failureOf({ success, error_info }: Detail, points: number): string | null {
  if (!success) return error_info || 'failed without a reason';
  return points === 0 ? 'no time point of its response was kept' : null;
}
