/** `window.__plot`: what the page shows, for tests and scripts. Kept stable. Times in seconds after the run's start. */
import type { Chart, Stage } from './charts.ts';
import type { Drawing } from './drawing.ts';
import type { Plateau } from './plateau.ts';

interface PlotHooks {
  /** The page is complete and drawn; before that, `window.__plot` does not exist. */
  ready: true;
  /** Attempts, one line each. */
  requests: number;
  /** Attempts that ended neither well nor cancelled. */
  failed: number;
  cancelled: number;
  /** The calculated steady stage and its marks by name, or null. */
  steady: { start: number; end: number; marks: Record<string, number> } | null;
  /** The plateau that was found, with what was cut; null when there is nothing to show. */
  plateau: Plateau | null;
  /** [min, max] of the upper chart, then of the lower one. */
  xRange(): [number, number, number, number];
  /** [min, max] of the upper chart's rows; row n is the n-th request sent, or lane n. */
  yRange(): [number, number];
  setRange(min: number, max: number): void;
  reset(): void;
  /** How long the last redraw of both charts took, ms. */
  lastDrawMs(): number;
}

declare global {
  interface Window {
    __plot?: PlotHooks;
  }
}

export function exposeHooks(
  { requests, steady, plateau, view }: Stage,
  [upper, lower]: [Chart, Chart],
  drawing: Drawing,
): void {
  const rangeOf = ({ plot }: Chart, scale: string): [number, number] => {
    const { min = 0, max = 0 } = plot.scales[scale];
    return [min, max];
  };
  window.__plot = {
    ready: true,
    requests: requests.count,
    failed: requests.failed,
    cancelled: requests.cancelled,
    steady: steady && {
      start: steady.start,
      end: steady.end,
      marks: Object.fromEntries(steady.marks.map(({ name, at }) => [name, at])),
    },
    plateau,
    xRange: () => [...rangeOf(upper, 'x'), ...rangeOf(lower, 'x')],
    yRange: () => rangeOf(upper, 'y'),
    setRange: (min, max) => {
      view.showTime(min, max);
      drawing.now();
    },
    reset: () => {
      view.reset();
      drawing.now();
    },
    lastDrawMs: drawing.lastMs,
  };
}
