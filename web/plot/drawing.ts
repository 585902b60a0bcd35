/** When the charts are drawn anew: on request, on a new window size, on a change between light and dark. */
import type { Chart, Stage } from './charts.ts';
import { readTheme } from './theme.ts';

export interface Drawing {
  now(): void;
  /** With the next frame; any number of requests make one redraw. */
  request(): void;
  lastMs(): number;
}

export function drawingOf(charts: Chart[]): Drawing {
  let frame = 0;
  let lastMs = 0;
  const now = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const before = performance.now();
    for (const chart of charts) chart.draw();
    lastMs = performance.now() - before;
  };
  const request = () => {
    if (frame === 0) frame = requestAnimationFrame(now);
  };
  return { now, request, lastMs: () => lastMs };
}

export function followWindow(charts: Chart[], stage: Stage, drawing: Drawing): void {
  const sizes = new ResizeObserver(() => {
    for (const { plot, host } of charts) {
      const size = { width: host.clientWidth, height: host.clientHeight };
      if (size.width > 0 && size.height > 0 && (size.width !== plot.width || size.height !== plot.height))
        plot.setSize(size);
    }
  });
  for (const { host } of charts) sizes.observe(host);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    stage.theme = readTheme();
    drawing.request();
  });
}
