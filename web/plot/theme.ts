/** The colors of style.css for the canvas, which knows no CSS variables. */
import { type Part, parts } from './parts.ts';

export interface Theme {
  page: string;
  text: string;
  muted: string;
  line: string;
  grid: string;
  level: string;
  levelFill: string;
  steady: string;
  steadyFill: string;
  throughput: string;
  throughputFill: string;
  cut: string;
  cutFill: string;
  /** As `#rrggbb`, in the order of `parts`. */
  parts: string[];
}

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    page: color('page'),
    text: color('text'),
    muted: color('muted'),
    line: color('line'),
    grid: color('grid'),
    level: color('level'),
    levelFill: color('level-fill'),
    steady: color('steady'),
    steadyFill: color('steady-fill'),
    throughput: color('throughput'),
    throughputFill: color('throughput-fill'),
    cut: color('cut'),
    cutFill: color('cut-fill'),
    parts: parts.map((part: Part) => color(part)),
  };
}

/** Red, green and blue of `#rrggbb`. */
export function rgbOf(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
