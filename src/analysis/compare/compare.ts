/** Two sides of recorded runs of one task: each steady figure's ratio, what it means, and what a gate says of it. */
import type { ComparedFigure, ComparedRun, Comparison } from '../../core/comparison.ts';
import type { PrecisionTarget } from '../../core/precision.ts';
import type { Claim, SteadyFigure } from '../../core/steady.ts';
import { figureNames } from '../steady/until-precise.ts';
import {
  type Direction,
  findingOf,
  type Gated,
  gateResults,
  type Margin,
  runsToDecide,
  worstOf,
} from './decide.ts';
import {
  basisOf,
  cliffsDelta,
  type Difference,
  differenceOf,
  intervalOf,
  mean,
  medianRatio,
  type RunValue,
} from './difference.ts';
import type { MeasuredRun } from './measured-run.ts';
import { notesOf } from './side-notes.ts';

export interface CompareOptions {
  /** By the names of `--until-precise`: losses that the gate does not let pass. */
  gate: readonly PrecisionTarget[];
  /** Standard deviation that repeated runs are taken to have where there is one run a side, as a share. */
  runSpread: number;
  /** Compare the figures of runs that are not steady, too. */
  allowUnsteady: boolean;
}

/** What matters where nobody says otherwise, %. */
const margins = { rate: 3, latency: 5, tail: 10 } as const;

/** Both sides have one run or more, which measured the same: see `differingSettings`. */
export function compareRuns(
  base: readonly MeasuredRun[],
  next: readonly MeasuredRun[],
  options: CompareOptions,
): Comparison {
  const runs = [...base, ...next];
  const gated = new Map(
    options.gate.map(({ metric, percent }) => [keyOf(figureNames.get(metric)!), percent]),
  );
  const sides = { base, next };
  const compared = namesOf(runs, gated).map((named) => compareFigure(named, sides, options, gated));
  const looked = compared.filter(({ figure }) => gated.has(keyOf([figure.name, figure.stat])));
  const results = gateResults(looked.map(({ gate }) => gate));
  looked.forEach(({ figure }, i) => {
    figure.gate = results[i];
  });
  return {
    base: base.map(runOf),
    new: next.map(runOf),
    basis: basisOf(base.length, next.length),
    notes: notesOf(base, next, options.runSpread),
    figures: compared.map(({ figure }) => figure),
    gate: options.gate.length > 0 ? worstOf(results) : null,
  };
}

type Named = Pick<SteadyFigure, 'name' | 'stat' | 'unit'>;

/** Figures of any run, in the order of the steady table, and those of the gate that no run has. */
function namesOf(runs: readonly MeasuredRun[], gated: ReadonlyMap<string, number>): Named[] {
  const found = new Map<string, Named>();
  for (const { figures } of runs)
    for (const { name, stat, unit } of figures) found.set(keyOf([name, stat]), { name, stat, unit });
  for (const [name, stat] of figureNames.values()) {
    const key = keyOf([name, stat]);
    if (gated.has(key) && !found.has(key)) found.set(key, { name, stat, unit: 's' });
  }
  return [...found.values()];
}

function keyOf([name, stat]: readonly [string, string]): string {
  return `${name} ${stat}`;
}

interface Sides {
  base: readonly MeasuredRun[];
  next: readonly MeasuredRun[];
}

function compareFigure(
  named: Named,
  { base, next }: Sides,
  options: CompareOptions,
  gated: ReadonlyMap<string, number>,
): { figure: ComparedFigure; gate: Gated | null } {
  const marginPercent = gated.get(keyOf([named.name, named.stat])) ?? marginOf(named);
  const margin: Margin = { direction: directionOf(named), share: marginPercent / 100 };
  const [a, b] = [base, next].map((side) => side.map((run) => runValue(run, named)));
  const figure: ComparedFigure = {
    ...named,
    base: geometricMean(a),
    new: geometricMean(b),
    ratio: null,
    low: null,
    high: null,
    pValue: null,
    marginPercent,
    finding: 'not compared',
    why: obstacleTo(named, [...base, ...next], options.allowUnsteady),
    runsNeeded: null,
    gate: null,
    medianRatio: null,
    cliffsDelta: null,
  };
  const difference = figure.why === '' ? differenceOf(a, b, options.runSpread) : null;
  if (difference === null) {
    return {
      figure: { ...figure, why: figure.why || withoutInterval(named, [...base, ...next]) },
      gate: null,
    };
  }
  const interval = intervalOf(difference);
  const finding = findingOf(interval, margin);
  const undecided = finding === 'inconclusive';
  return {
    figure: {
      ...figure,
      ...interval,
      finding,
      runsNeeded: undecided ? runsToDecide(difference, margin) : null,
      ...effectSizes(a, b, difference),
    },
    gate: { interval, margin },
  };
}

function effectSizes(
  a: readonly RunValue[],
  b: readonly RunValue[],
  { basis }: Difference,
): Pick<ComparedFigure, 'medianRatio' | 'cliffsDelta'> {
  if (basis !== 'both sides') return { medianRatio: null, cliffsDelta: null };
  return { medianRatio: medianRatio(a, b), cliffsDelta: cliffsDelta(a, b) };
}

/** Why a figure of these runs cannot be compared; '' when it can. */
function obstacleTo(named: Named, runs: readonly MeasuredRun[], allowUnsteady: boolean): string {
  const claim: Claim = named.unit === 's' ? 'latency' : 'throughput';
  for (const run of runs) {
    const figure = figureOf(run, named);
    if (figure === undefined) return `${run.label} has no such figure`;
    if (figure.atLeast || !(figure.value > 0))
      return `not known in ${run.label}: ${figure.refused || 'no value'}`;
    if (run.verdict[claim] === 'not steady' && !allowUnsteady)
      return `${claim} of ${run.label} is not steady (${run.failed[claim].join('; ')}): repeat the run, or use --allow unsteady`;
  }
  return '';
}

/** Of single runs, one of which says nothing of its own noise. */
function withoutInterval(named: Named, runs: readonly MeasuredRun[]): string {
  const reasons = runs.map((run) => figureOf(run, named)?.refused ?? '');
  const reason = reasons.find((one) => one !== '') ?? 'no interval';
  return `a single run per side, and one of them has no interval (${reason})`;
}

function figureOf(run: MeasuredRun, { name, stat }: Named): SteadyFigure | undefined {
  return run.figures.find((figure) => figure.name === name && figure.stat === stat);
}

function runValue(run: MeasuredRun, named: Named): RunValue {
  const figure = figureOf(run, named);
  return {
    value: figure && !figure.atLeast ? figure.value : Number.NaN,
    low: figure?.low ?? null,
    high: figure?.high ?? null,
  };
}

function geometricMean(values: readonly RunValue[]): number {
  return Math.exp(mean(values.map(({ value }) => Math.log(value))));
}

/** The level of a closed loop is its setting, that of an open loop a consequence. */
function directionOf({ name, unit }: Named): Direction {
  if (name === 'Concurrency') return 'neither';
  return unit === 's' ? 'lower' : 'higher';
}

function marginOf({ stat, unit }: Named): number {
  if (unit !== 's') return margins.rate;
  return stat === 'P90' || stat === 'P99' ? margins.tail : margins.latency;
}

function runOf({ label, verdict }: MeasuredRun): ComparedRun {
  return { label, verdict };
}
