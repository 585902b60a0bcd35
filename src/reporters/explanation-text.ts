/** The definitions of several tools side by side, and the cause of every difference. */
import stringWidth from 'string-width';
import {
  type Cell,
  type Explanation,
  latencyNames,
  type RateName,
  type ToolExplanation,
} from '../core/explanation.ts';
import { fancyGrid } from './fancy-grid.ts';

const rateLabels: Record<RateName, string> = {
  outputTokensPerS: 'Output token/s',
  requestsPerS: 'Requests/s',
  durationS: 'Duration (s)',
  requests: 'Requests counted',
};

const stats = { mean: 'mean', median: 'median', p99: 'P99' } as const;

/** Tables no wider than `columns`, each with the first tool; below them the causes. No trailing newline. */
export function renderExplanation({ notes, tools }: Explanation, columns: number): string {
  const [first, ...others] = tools;
  const tables: string[] = [];
  for (let at = 0; at < others.length; ) {
    let count = 1;
    while (at + count < others.length && widthOf([first, ...others.slice(at, at + count + 1)]) <= columns)
      count++;
    tables.push(tableOf([first, ...others.slice(at, at + count)]));
    at += count;
  }
  return [
    ...tables,
    ...notes,
    `Why they differ from ${first.tool} (${first.basis}):`,
    ...others.flatMap(whyOf),
  ].join('\n');
}

function widthOf(tools: readonly ToolExplanation[]): number {
  return stringWidth(tableOf(tools).split('\n', 1)[0]);
}

function tableOf(tools: readonly ToolExplanation[]): string {
  const latencies = latencyNames.flatMap((name) =>
    (Object.keys(stats) as (keyof typeof stats)[]).map((stat) => [
      `${name} ${stats[stat]} (ms)`,
      ...tools.map(({ figures }) => msCell(figures?.latencies[name][stat])),
    ]),
  );
  const rates = (Object.keys(rateLabels) as RateName[]).map((name) => [
    rateLabels[name],
    ...tools.map(({ figures }) => cell(figures?.[name], name === 'requests' ? 0 : 4)),
  ]);
  return fancyGrid(['', ...tools.map(({ tool }) => tool)], [...latencies, ...rates]);
}

function msCell(value: Cell | undefined): string {
  return cell(typeof value === 'number' ? value * 1000 : value, 3);
}

function cell(value: Cell | undefined, decimals: number): string {
  if (value === undefined) return 'no window';
  return typeof value === 'number' ? value.toFixed(decimals) : value;
}

function whyOf({ tool, basis, reason, causes }: ToolExplanation): string[] {
  const head = `${tool}: ${basis}`;
  if (reason !== null) return [head, `  no window: ${reason}`];
  if (causes.length === 0) return [head, '  no difference'];
  return [head, ...causes.map(({ name, text }) => `  ${name}: ${text}`)];
}
