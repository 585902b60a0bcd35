/** Numbers as sentences and tables show them. Only printing rounds. */

/** `0.1234` as "12.3 %". */
export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** "1.235 ms" */
export function formatMs(ms: number, digits = 3): string {
  return `${ms.toFixed(digits)} ms`;
}

/** "1.235 s" */
export function formatSeconds(s: number, digits = 3): string {
  return `${s.toFixed(digits)} s`;
}
