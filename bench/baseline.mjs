// Figures held against those of an earlier run, perhaps on another machine. Rates and times are stored as ratios to the
// time that a fixed loop of arithmetic takes there (limit/client.c --calibrate), measured beside every window.
import { figures } from './figures.mjs';

/** What a figure is in units of the calibration loop: a rate becomes "per loop", a time "in loops". */
function relative(name, value, loopS) {
  const kind = figures[name]?.kind;
  if (kind === 'rate') return value * loopS;
  return kind === 'time' ? value / loopS : value;
}

/** The figures that the table of figures knows, relative to the loop. */
export function relativeFigures(values, loopS) {
  const known = Object.entries(values).filter(([name, value]) => name in figures && Number.isFinite(value));
  return Object.fromEntries(known.map(([name, value]) => [name, relative(name, value, loopS)]));
}

/**
 * How each figure that both sides have stands against its baseline. `times` above 1 is so many times worse, below 1
 * better; `worse` when it is more than `factor`. From a baseline of 0 anything above is worse without bounds.
 */
export function compare(now, baseline, factor) {
  return Object.entries(now)
    .filter(([name]) => name in figures && Number.isFinite(baseline[name]))
    .map(([name, value]) => {
      const was = baseline[name];
      const times = figures[name].better === 'less' ? over(value, was) : over(was, value);
      return { name, now: value, was, times, worse: times > factor };
    });
}

function over(a, b) {
  if (a === b) return 1;
  return b === 0 ? Number.POSITIVE_INFINITY : a / b;
}

/** A stored baseline with the figures of this run in the place of its own; what was not measured now stays. */
export function updated(stored, measured, origin) {
  const entries = Object.keys(figures)
    .map((name) => {
      if (name in measured) return [name, { ratio: Number(measured[name].toPrecision(4)), ...origin }];
      return [name, stored[name]];
    })
    .filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries);
}

export const ratiosOf = (stored) =>
  Object.fromEntries(Object.entries(stored).map(([name, { ratio }]) => [name, ratio]));
