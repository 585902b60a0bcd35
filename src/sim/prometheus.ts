/** Prometheus' text format: counters, gauges, and histograms of one label set. */

export interface Histogram {
  /** Upper bounds in seconds. */
  bounds: readonly number[];
  /** One for each bound and one for everything above; not yet cumulative. */
  counts: Float64Array;
  sum: number;
}

export function createHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: new Float64Array(bounds.length + 1), sum: 0 };
}

export function observe(histogram: Histogram, seconds: number): void {
  const { bounds, counts } = histogram;
  let at = 0;
  while (at < bounds.length && seconds > bounds[at]) at++;
  counts[at]++;
  histogram.sum += seconds;
}

type MetricType = 'counter' | 'gauge' | 'histogram';

/** `samples` are lines of the metric with their line ends. */
export function metricText(name: string, type: MetricType, help: string, samples: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples}`;
}

export function histogramSamples(name: string, label: string, { bounds, counts, sum }: Histogram): string {
  let total = 0;
  const buckets = [...bounds.map(String), '+Inf'].map((bound, i) => {
    total += counts[i];
    return `${name}_bucket{${label},le="${bound}"} ${total}\n`;
  });
  return `${buckets.join('')}${name}_sum{${label}} ${sum}\n${name}_count{${label}} ${total}\n`;
}

export function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
