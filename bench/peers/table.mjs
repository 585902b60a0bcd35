// What is shown of the comparison: a table for each case, and how this tool compares with the best other.

const saturation = [
  'tokens_per_cpu_s',
  'cpu_s_per_million_events',
  'tokens_per_s',
  'throughput_error_pct',
  'peak_memory_mb',
  'to_summary_s',
];
const oneToken = ['requests_per_cpu_s', 'requests_per_s', 'peak_memory_mb', 'to_summary_s'];
const paced = [
  'ttft_mean_ms',
  'ttft_mean_error_ms',
  'ttft_p99_error_ms',
  'itl_mean_ms',
  'itl_mean_error_pct',
  'throughput_tokens_per_s',
  'throughput_error_pct',
  'cpu_s_per_million_events',
  'peak_memory_mb',
  'to_summary_s',
];
const capacity = ['streams', 'error_ms', 'refused', 'refused_error_ms'];
const columns = { saturation, 'one token': oneToken, capacity };

/** `results[tool][case]` is `{ figures }` or `{ reason }`. */
export function printTables(cases, results, ceilings) {
  for (const { name } of cases) {
    const names = columns[name] ?? paced;
    line('');
    line(`| ${name} | ${[...names, 'noise'].join(' | ')} |`);
    line(`|${'---|'.repeat(names.length + 2)}`);
    for (const [tool, byCase] of Object.entries(results)) {
      const { figures, reason } = byCase[name] ?? { reason: 'not run' };
      const cells = figures
        ? [...names, 'noise_share'].map((column) => shown(figures[column]))
        : [...names, 'noise_share'].map((_, i) => (i === 0 ? `- (${reason})` : '-'));
      line(`| ${tool} | ${cells.join(' | ')} |`);
    }
    if (ceilings[name] !== undefined) line(`The service itself, with the C client: ${ceilings[name]}.`);
  }
}

/** What each of these figures of this tool is as a multiple of the best other tool's. */
const COMPARED = {
  saturation: { figure: 'tokens_per_cpu_s' },
  'one token': { figure: 'requests_per_cpu_s', wanted: 10 },
  capacity: { figure: 'streams', wanted: 4 },
};

/** `{ case: { ours, best, tool, ratio } }` of the cases in which both sides have a figure. */
export function overBestPeer(results, ours, isOurs) {
  const found = {};
  for (const [name, { figure }] of Object.entries(COMPARED)) {
    const own = results[ours]?.[name]?.figures?.[figure];
    const others = Object.entries(results)
      .filter(([tool]) => !isOurs(tool))
      .map(([tool, byCase]) => ({ tool, value: byCase[name]?.figures?.[figure] ?? 0 }))
      .sort((a, b) => b.value - a.value);
    const [best] = others;
    if (own === undefined || best === undefined || best.value === 0) continue;
    found[name] = { ours: own, best: best.value, tool: best.tool, ratio: own / best.value };
  }
  return found;
}

export function printComparison(comparison) {
  line('');
  for (const [name, { ours, best, tool, ratio }] of Object.entries(comparison)) {
    const { figure, wanted } = COMPARED[name];
    const aim = wanted === undefined ? '' : `; wanted >= ${wanted} x`;
    line(
      `${name}, ${figure}: ${shown(ours)}, ${shown(ratio)} x the best other (${tool}, ${shown(best)})${aim}`,
    );
  }
}

const line = (text) => process.stdout.write(`${text}\n`);

function shown(value) {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));
}
