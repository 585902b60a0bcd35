/** Plug-in: the steady stage as the released AISBench 3.1 computes it, up to the first end after the last start. */
import { type SuccessSteps, successSteps } from './success-steps.ts';
import { tooFewAtMaximum, type WindowRule } from './window.ts';

/** Starts within this share below the maximum belong to the stage once it has begun. */
const WAVE_SHARE = 0.02;
/** A dip that starts make good within this time does not end the stage, ms. */
const DIP_MS = 1;

/**
 * Members are the successes whose start brings the level to the maximum, without the first of them; from
 * the third on, a level of 98 % (rounded down) is enough. The window opens with the first member. It closes
 * at the first end after every request has been sent, or earlier, when the level falls below 98 % and does
 * not recover within 1 ms. So it holds about one request latency more than the rule of the main branch.
 */
export const stableUpstreamRelease: WindowRule = (table, maxConcurrency) => {
  const steps = successSteps(table);
  const { starts, endMs } = walk(steps, maxConcurrency);
  if (starts.length < 2) return tooFewAtMaximum(table, starts.length, maxConcurrency);
  const [, ...members] = starts;
  const rows = new Set(members.map((step) => steps.row[step]));
  return {
    interval: { startMs: steps.atMs[members[0]], endMs },
    members: table.bySent.filter((row) => rows.has(row)),
  };
};

/** Steps whose start belongs to the stage, its first one too, and the stage's end. */
function walk(steps: SuccessSteps, maximum: number): { starts: number[]; endMs: number } {
  const { count, level, isStart, atMs } = steps;
  const least = Math.trunc(maximum * (1 - WAVE_SHARE));
  const starts: number[] = [];
  let unsent = count / 2;
  for (let i = 0; i < count; i++) {
    if (isStart[i] === 1) {
      unsent--;
      if (level[i] === maximum || (starts.length > 2 && level[i] >= least)) starts.push(i);
      continue;
    }
    const isOver = starts.length > 1 && level[i] < least && !recovers(steps, i, least);
    if (unsent === 0 || isOver) return { starts, endMs: atMs[i] };
  }
  return { starts, endMs: Number.NaN };
}

function recovers({ count, level, isStart, atMs }: SuccessSteps, from: number, least: number): boolean {
  for (let i = from + 1; i < count && atMs[i] - atMs[from] <= DIP_MS; i++) {
    if (isStart[i] === 1 && level[i] >= least) return true;
  }
  return false;
}
