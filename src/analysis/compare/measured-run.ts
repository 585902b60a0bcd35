/** What a comparison needs to know of one recorded run. */
import { tokenSources } from '../../core/records.ts';
import type { RecordedRun, RunInfo } from '../../core/run.ts';
import type { Claim, SteadyFigure, SteadySummary, Verdict } from '../../core/steady.ts';
import { definitions } from '../definitions.ts';
import { type RequestTable, readRequests } from '../request-table.ts';
import { steadySummary } from '../steady/steady-summary.ts';
import { type Settings, settingsOf } from './settings.ts';

export interface MeasuredRun {
  /** What the run is called in messages. */
  label: string;
  settings: Settings;
  startedAtUnixMs: number;
  /** What a result may depend on although nobody asked for it, by its name. */
  surroundings: Record<string, string>;
  /** Names of tasks that ran at the same time. */
  beside: readonly string[];
  /** '' when there is a steady window. */
  noWindow: string;
  verdict: Record<Claim, Verdict>;
  /** Names of the checks that failed, by the claim they fail. */
  failed: Record<Claim, string[]>;
  figures: SteadyFigure[];
}

/** Computed anew from the records, so that all runs of a comparison are read under the same definitions. */
export function measureRun(run: RecordedRun, label: string): MeasuredRun {
  const table = readRequests(run, definitions.product);
  const steady = table.count > 0 ? steadySummary(run, table) : null;
  return {
    label,
    settings: settingsOf(run.info, mostCounts(table)),
    startedAtUnixMs: run.info.startedAtUnixMs,
    surroundings: surroundingsOf(run.info),
    beside: run.end?.beside ?? [],
    ...steadyPart(steady),
  };
}

function steadyPart(
  steady: SteadySummary | null,
): Pick<MeasuredRun, 'noWindow' | 'verdict' | 'failed' | 'figures'> {
  if (steady === null) {
    const verdict = { throughput: 'not steady', latency: 'not steady' } as const;
    return { noWindow: 'no request was sent', verdict, failed: { throughput: [], latency: [] }, figures: [] };
  }
  const failedOf = (claim: Claim) =>
    steady.checks
      .filter(({ result, concerns }) => result === 'failed' && concerns.includes(claim))
      .map(({ name, found }) => `${name}: ${found}`);
  return {
    noWindow: steady.window === null ? steady.noWindow : '',
    verdict: steady.verdict,
    failed: { throughput: failedOf('throughput'), latency: failedOf('latency') },
    figures: [...steady.rates, ...steady.latencies],
  };
}

function surroundingsOf({ tool, host, workers, seed }: RunInfo): Record<string, string> {
  return {
    'version of this tool': tool.version,
    'client machine': `${host.cores} × ${host.cpu}`,
    'Node version': host.node,
    'number of workers': String(workers),
    'seed, so prompts or arrivals differ': String(seed),
  };
}

/** Where the output counts of most successes came from. */
function mostCounts(table: RequestTable): string {
  const counts = tokenSources.map(() => 0);
  for (let row = 0; row < table.count; row++) if (table.success[row] === 1) counts[table.tokenSource[row]]++;
  return tokenSources[counts.indexOf(Math.max(...counts))];
}
