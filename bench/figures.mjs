// Every figure the benchmark names: the cell it comes from, what is wanted of it, and how it is held against a baseline.

/**
 * `better`: which way is good. `kind`: a `plain` figure (a ratio, memory, a count) is the same on any machine; a `rate` is
 * multiplied by the time that the calibration loop takes, a `time` divided by it, and then they are, too.
 */
const figure = (cell, kind, better, wanted) => ({ cell, kind, better, wanted });
const stamp = (load, wanted) => figure(`stamp_p99_ms_${load}`, 'time', 'less', wanted);

export const figures = {
  burst_vs_aiohttp: figure('burst', 'plain', 'more', 20),
  burst_vs_c: figure('burst', 'plain', 'more', 0.8),
  burst_events_per_cpu_s: figure('burst', 'rate', 'more'),
  burst_verify_vs_aiohttp: figure('burst', 'plain', 'more', 4),
  cpu_per_event_vs_c: figure('cpu per event', 'plain', 'less', 2),
  cpu_us_per_event: figure('cpu per event', 'time', 'less'),
  stamp_p99_ms_1000x50: stamp('1000x50', 1.25),
  stamp_p99_ms_2000x50: stamp('2000x50', 5),
  stamp_p99_ms_10000x10: stamp('10000x10', 20),
  stamp_p99_ms_4000x20: stamp('4000x20', 5),
  requests_per_s_vs_aiohttp: figure('short answers', 'plain', 'more', 20),
  requests_per_cpu_s: figure('short answers', 'rate', 'more'),
  kb_per_stream: figure('memory', 'plain', 'less', 12),
  fixed_mb: figure('memory', 'plain', 'less', 80),
  two_worker_scaling: figure('two workers', 'plain', 'more', 1.7),
  send_lateness_p50_ms_10k: figure('send lateness', 'time', 'less', 0.15),
  send_lateness_p99_ms_10k: figure('send lateness', 'time', 'less', 1),
  send_10k_core_share: figure('send lateness', 'time', 'less', 0.3),
  stamps_per_cpu_s: figure('stamps', 'rate', 'more'),
  percentile_vs_numpy: figure('percentile', 'plain', 'less', 0.6),
  percentile_s: figure('percentile', 'time', 'less'),
  step_p50_vs_aiohttp: figure('batch step', 'plain', 'less', 0.2),
  stamp_p99_ms_long_prompts: figure('long prompts', 'time', 'less'),
  held_s_8000: figure('held streams', 'plain', 'more', 60),
  held_failed_8000: figure('held streams', 'plain', 'less', 0),
  held_lost_tokens_8000: figure('held streams', 'plain', 'less', 0),
  tls_vs_plain: figure('tls', 'plain', 'more'),
  tls_events_per_cpu_s: figure('tls', 'rate', 'more'),
  tool_events_per_cpu_s: figure('whole tool', 'rate', 'more'),
  tool_vs_c: figure('whole tool', 'plain', 'more'),
  summary_s_250k: figure('summary 250k', 'time', 'less', 60),
  summary_rss_mb_250k: figure('summary 250k', 'plain', 'less', 2000),
  summary_s_1m: figure('summary 1m', 'time', 'less'),
  summary_rss_mb_1m: figure('summary 1m', 'plain', 'less'),
};

/** Those that the JSON line always holds, null or not; the second list is left out of the quick form. */
export const ALWAYS = [
  'burst_vs_aiohttp',
  'burst_vs_c',
  'cpu_per_event_vs_c',
  'stamp_p99_ms_1000x50',
  'stamp_p99_ms_2000x50',
  'stamp_p99_ms_10000x10',
  'requests_per_s_vs_aiohttp',
  'kb_per_stream',
  'two_worker_scaling',
  'send_lateness_p99_ms_10k',
];
export const IN_FULL = [
  'summary_s_250k',
  'summary_rss_mb_250k',
  'percentile_vs_numpy',
  'stamp_p99_ms_4000x20',
];

/** Null where nothing is wanted of a figure. */
export function isMet(name, value) {
  const { wanted, better } = figures[name] ?? {};
  if (wanted === undefined) return null;
  return better === 'more' ? value >= wanted : value <= wanted;
}
