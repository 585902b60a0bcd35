/** From a recorded run to its Summary: records → window → metrics. Pure; the same records give the same numbers. */
import { type Outcome, outcomes, tokenSources } from '../core/records.ts';
import type { RecordedRun } from '../core/run.ts';
import type { Summary } from '../core/summary.ts';
import { clientHealth } from './client-health.ts';
import { commonMetrics } from './common-metrics.ts';
import { edgesOf, highestLevel, meanLevel } from './concurrency.ts';
import { createCountHistogram } from './count-histogram.ts';
import { type DefinitionsName, definitions } from './definitions.ts';
import { fromDueRows, perRequestRows, type RowSource } from './metrics.ts';
import { notesOf } from './notes.ts';
import { type RequestTable, readRequests } from './request-table.ts';
import { againstDocument } from './steady/against-document.ts';
import type { SteadyProfile } from './steady/facts.ts';
import { steadySummary } from './steady/steady-summary.ts';
import { timelineOf } from './timeline.ts';
import { type StageRule, windowRuleOf } from './windows/registry.ts';
import { total } from './windows/total.ts';
import { isNoWindow, type Picked } from './windows/window.ts';
import { withoutHold } from './without-hold.ts';

export interface SummarizeOptions {
  /** Name of the summarizer task, for the report. */
  summarizer: string;
  window: 'total' | 'stable_stage';
  rule: StageRule;
  definitions: DefinitionsName;
  /** Whose floors the steady window is held against. */
  profile: SteadyProfile;
  /** Legal names only; see `parseStatsList`. */
  statsList: string[];
}

/**
 * Reads the run twice, for columns and gaps and for its steady state, and what lies at window edges again; one that
 * was held once more. Requests that only held the load up are in the steady figures' level alone.
 * When the window rule finds no steady stage, `noWindow` says why and the numbers are the total stage's;
 * `window` is null only when even that does not exist.
 */
export function summarize(run: RecordedRun, options: SummarizeOptions): Summary {
  const allGaps = createCountHistogram();
  const definition = definitions[options.definitions];
  const asked = withoutHold(run);
  const table = readRequests(asked, definition, allGaps);
  const whole = asked === run ? table : readRequests(run, definition);
  const maxConcurrency = run.info.batchSize;
  const steady = whole.count > 0 ? steadySummary(run, whole, options.profile) : null;
  const found = windowRuleOf(options.window, options.rule)(table, maxConcurrency, steady);
  const stable = options.window === 'stable_stage' && !isNoWindow(found);
  const fallback = isNoWindow(found) ? total(table, maxConcurrency, steady) : found;
  const picked = isNoWindow(fallback) ? null : fallback;

  const stage = stable ? 'stable' : 'total';
  const source: RowSource = { run: asked, table, statsList: options.statsList, allGaps };
  const { unclampedConcurrency, ...figures } = stageFigures(source, picked, stage);
  const { perRequest, common } = figures;
  const { rule } = options;
  const document = { stage, rule, perRequest, common, unclampedConcurrency, maxConcurrency } as const;
  return {
    stage,
    summarizer: options.summarizer,
    rule: options.window === 'total' ? 'total' : options.rule,
    definitions: options.definitions,
    profile: options.profile,
    statsList: options.statsList,
    window: picked?.interval ?? null,
    noWindow: isNoWindow(found) ? found : null,
    ...figures,
    ...runFigures(table),
    steady: steady && againstDocument(steady, document),
    clientHealth: clientHealth(run, whole),
    timeline: timelineOf(whole),
  };
}

interface StageFigures extends Pick<Summary, 'perRequest' | 'common' | 'fromDue' | 'meanLevel' | 'notes'> {
  unclampedConcurrency: number | null;
}

function stageFigures(source: RowSource, picked: Picked | null, stage: 'total' | 'stable'): StageFigures {
  const { run, table, statsList } = source;
  if (picked === null) {
    const notes = notesOf(run, table, null);
    return { perRequest: [], common: [], fromDue: [], meanLevel: null, notes, unclampedConcurrency: null };
  }
  const { interval, members } = picked;
  const { stream, batchSize } = run.info;
  const { rows, unclampedConcurrency } = commonMetrics(table, members, interval, {
    stream,
    maxConcurrency: batchSize,
    clamp: stage === 'stable',
  });
  const level = meanLevel(table, interval.startMs, interval.endMs);
  return {
    perRequest: perRequestRows(source, members),
    common: rows,
    fromDue: fromDueRows(table, members, stream, statsList),
    meanLevel: Number.isNaN(level) ? null : level,
    notes: notesOf(run, table, { name: stage, interval, members, unclampedConcurrency }),
    unclampedConcurrency,
  };
}

function runFigures(table: RequestTable): Pick<Summary, 'outcomes' | 'tokenSources' | 'maxLevel'> {
  return {
    outcomes: tally(outcomes, table.outcome) as Record<Outcome, number>,
    tokenSources: tally(tokenSources, table.tokenSource),
    maxLevel: highestLevel(edgesOf(table)).level,
  };
}

/** How often each code of a column occurs, under its name. */
function tally(names: readonly string[], codes: Uint8Array): Record<string, number> {
  const counts = names.map(() => 0);
  for (const code of codes) counts[code]++;
  return Object.fromEntries(names.map((name, code) => [name, counts[code]]));
}
