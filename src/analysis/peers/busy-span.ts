/** The longest stretch in which the level stays at a share of its peak, as SGLang finds it. */

/** A moment and by how much the level changes at it; ascending, each moment once. */
export interface Edge {
  atMs: number;
  step: number;
}

export function edgesAt(
  rows: Uint32Array,
  startMs: (row: number) => number,
  endMs: (row: number) => number,
): Edge[] {
  const steps = new Map<number, number>();
  const add = (atMs: number, step: number) => steps.set(atMs, (steps.get(atMs) ?? 0) + step);
  for (const row of rows) {
    add(startMs(row), 1);
    add(endMs(row), -1);
  }
  return [...steps].map(([atMs, step]) => ({ atMs, step })).sort((a, b) => a.atMs - b.atMs);
}

/** The first of the longest; the level must be at least ⌈ratio × peak⌉ throughout. null without a level above 0. */
export function longestSpan(
  edges: readonly Edge[],
  ratio: number,
): { startMs: number; endMs: number } | null {
  let level = 0;
  const levels = edges.map(({ step }) => {
    level += step;
    return level;
  });
  const peak = levels.reduce((most, l) => Math.max(most, l), 0);
  if (peak === 0) return null;
  const threshold = Math.max(1, Math.ceil(peak * ratio));
  let longest = { startMs: 0, endMs: 0 };
  let startMs: number | null = null;
  for (let i = 0; i < edges.length; i++) {
    const busy = levels[i] >= threshold;
    if (busy && startMs === null) startMs = edges[i].atMs;
    if (busy || startMs === null) continue;
    if (edges[i].atMs - startMs > longest.endMs - longest.startMs)
      longest = { startMs, endMs: edges[i].atMs };
    startMs = null;
  }
  return longest;
}
