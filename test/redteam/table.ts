/** The red team's table, as docs/redteam.md has it. */
import type { Area, Findings } from './area.ts';

/** One row for each area that was run. */
export function tableOf(results: readonly (readonly [Area, Findings])[]): string {
  const rows = results.map(([{ name, about }, { tried, survived }]) => {
    const percent = `${(Math.floor((1000 * survived) / tried) / 10).toFixed(survived === tried ? 0 : 1)} %`;
    return `| ${name} | ${about} | ${tried} | ${survived} | ${percent} |`;
  });
  return ['| area | what is tried | tried | survived | |', '|---|---|---|---|---|', ...rows].join('\n');
}
