// Measures cells in windows. A window counts when a spin loop beforehand, and the cell's own checks during it, found the
// machine left alone; a figure is the median over the windows that count.
import { relativeFigures } from './baseline.mjs';
import { median } from './lateness.mjs';
import { calibrationS, noise } from './processes.mjs';

/** A spin loop that lost more than this of its time: the machine is not ours. */
const NOISE_SHARE = 0.02;
const ATTEMPTS_PER_WINDOW = 4;
const PROBES = 20;
/** What a cell of the quick form is thought to take before it has run. */
const QUICK_CELL_S = 6;

const say = (line) => process.stderr.write(`${line}\n`);
const round = (value) => Number(value.toPrecision(4));

/**
 * Runs `cells` in turn, window by window, until each has its windows, has tried four times as often, or `deadline` (ms of
 * performance.now) comes. Each state holds the windows that counted, those that did not, and why.
 */
export async function measure(cells, { quick, anyNoise, deadline }) {
  const tookS = quick ? QUICK_CELL_S : 0;
  const states = cells.map((cell) => ({ cell, windows: [], noisy: [], reasons: [], attempts: 0, tookS }));
  const open = (s) => s.windows.length < s.cell.want && s.attempts < s.cell.want * ATTEMPTS_PER_WINDOW;
  for (let window = 0; states.some(open); window++) {
    for (const state of states.filter(open)) {
      if ((deadline - performance.now()) / 1000 < state.tookS) {
        if (state.reasons.length === 0) state.reasons.push('no time was left');
        state.attempts = Number.POSITIVE_INFINITY;
        continue;
      }
      await measureOnce(state, window, { quick, anyNoise });
    }
  }
  return states;
}

/** A cell's `run(window, again)` gives figures, and `skipped`, a reason, when they do not count. */
async function measureOnce(state, window, { quick, anyNoise }) {
  const { cell, noisy } = state;
  const started = performance.now();
  state.attempts++;
  try {
    const tooNoisy = anyNoise ? null : await waitForQuiet(quick);
    // One window outside the gate is worth showing; more of them are a waste of time.
    if (tooNoisy !== null && noisy.length > 0) {
      state.reasons.push(tooNoisy);
      return;
    }
    const loopS = await calibrationS();
    const { skipped, ...found } = await cell.run(window, noisy.length > 0);
    const reason = anyNoise ? null : (skipped ?? tooNoisy);
    const measured = { found, relative: relativeFigures(found, loopS) };
    if (reason === null) state.windows.push(measured);
    else {
      state.reasons.push(reason);
      if (Object.keys(found).length > 0) noisy.push(measured);
    }
    say(`${cell.name}: ${show(found)}${reason === null ? '' : `, does not count: ${reason}`}`);
  } catch (error) {
    state.reasons.push(`failed: ${lastLine(error)}`);
    say(`${cell.name}: ${state.reasons.at(-1)}`);
  }
  state.tookS = Math.max(state.tookS, (performance.now() - started) / 1000);
}

/** Probes until the cores are quiet, some seconds at most. Null, or why a window now will not count. */
async function waitForQuiet(quick) {
  let share = 1;
  for (let probe = 0; probe < (quick ? 1 : PROBES); probe++) {
    share = await noise();
    if (share <= NOISE_SHARE) return null;
  }
  return `a spin loop lost ${(share * 100).toFixed(1)} % of its time`;
}

/** What a child said last tells more than that it failed. */
function lastLine({ stderr, message }) {
  return (String(stderr ?? '').trim() || message).split('\n').at(-1);
}

const show = (found) =>
  Object.entries(found)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => `${name} ${round(value)}`)
    .join(', ');

/** Medians of one side (`found`, `relative`) of these windows. */
function medians(windows, side) {
  const names = new Set(windows.flatMap((w) => Object.keys(w[side])));
  const entries = [...names].map((name) => [name, windows.map((w) => w[side][name]).filter(Number.isFinite)]);
  return Object.fromEntries(
    entries.filter(([, v]) => v.length > 0).map(([name, v]) => [name, round(median(v))]),
  );
}

/**
 * Over all cells: `counted` and `relative` (medians by figure), `windows` (how many), `outside` (medians of windows that do
 * not count, of figures without any that does) and `reasons` (by cell, why it has none that counts).
 */
export function summarize(states) {
  const all = { counted: {}, relative: {}, windows: {}, outside: {}, reasons: {} };
  for (const { cell, windows, noisy, reasons } of states) {
    const found = medians(windows, 'found');
    Object.assign(all.counted, found);
    Object.assign(all.relative, medians(windows, 'relative'));
    for (const name of Object.keys(found)) all.windows[name] = windows.length;
    if (windows.length > 0) continue;
    Object.assign(all.outside, medians(noisy, 'found'));
    all.reasons[cell.name] = reasons.at(-1) ?? 'not run';
  }
  return all;
}
