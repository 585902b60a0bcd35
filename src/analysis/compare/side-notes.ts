/** What the reader of a comparison must know of its runs: how they were taken, and what else differs. */
import type { Verdict } from '../../core/steady.ts';
import { basisOf } from './difference.ts';
import type { MeasuredRun } from './measured-run.ts';

/** With fewer, the interval of the ratio is mostly the uncertainty of its own width. */
export const ADVISED_RUNS = 5;

export function notesOf(
  base: readonly MeasuredRun[],
  next: readonly MeasuredRun[],
  runSpread: number,
): string[] {
  const runs = [...base, ...next];
  return [
    countNote(base.length, next.length, runSpread),
    orderNote(base, next),
    ...Object.keys(runs[0].surroundings)
      .filter((name) => new Set(runs.map(({ surroundings }) => surroundings[name])).size > 1)
      .map((name) => `The runs differ in the ${name}.`),
    ...runs
      .filter(({ beside }) => beside.length > 0)
      .map(({ label, beside }) => `${label} shared client and service with ${beside.join(', ')}.`),
    reservationNote(runs),
  ].filter((note) => note !== '');
}

function countNote(base: number, next: number, runSpread: number): string {
  const basis = basisOf(base, next);
  const spread = `${Number((runSpread * 100).toFixed(2))} %`;
  if (basis === 'single runs')
    return `A single run per side: intervals combine the noise within the runs with an assumed run-to-run variation of ${spread}. Use at least ${ADVISED_RUNS} runs per side to measure it.`;
  if (basis === 'one side')
    return 'The single run on one side is assumed to vary like the runs on the other.';
  return Math.min(base, next) < ADVISED_RUNS
    ? `${base} and ${next} runs: at least ${ADVISED_RUNS} per side give much narrower intervals.`
    : '';
}

/** Whatever changes in the surroundings while runs are taken one side after the other looks like the service. */
function orderNote(base: readonly MeasuredRun[], next: readonly MeasuredRun[]): string {
  const [a, b] = [base, next].map((side) => side.map(({ startedAtUnixMs }) => startedAtUnixMs));
  if (a.length < 2 || b.length < 2 || Math.min(...a, ...b) <= 0) return '';
  const apart = Math.max(...a) < Math.min(...b) || Math.max(...b) < Math.min(...a);
  return apart
    ? 'All runs of one side were recorded before the other, so a change of the environment looks like one of the service. Interleave the runs (base, new, new, base).'
    : '';
}

function reservationNote(runs: readonly MeasuredRun[]): string {
  const parts = (['throughput', 'latency'] as const).flatMap((claim) => {
    const of = (verdict: Verdict) => runs.filter((run) => run.verdict[claim] === verdict);
    const reserved = of('steady with reservations').length;
    const unsteady = [...new Set(of('not steady').map(({ label }) => label))];
    const texts = [
      ...(reserved > 0 ? [`with reservations in ${reserved} of ${runs.length} runs`] : []),
      ...(unsteady.length > 0 ? [`not in ${unsteady.join(', ')}`] : []),
    ];
    return texts.length > 0 ? [`${claim} ${texts.join(', ')}`] : [];
  });
  return parts.length > 0 ? `Steady: ${parts.join('; ')}.` : '';
}
