/** What can be shown, under its name, with its color and its explanation: the legend and the table say the same. */
import { count } from '../plot/text.ts';
import type { Model } from './model.ts';

export type TraceName = 'normal' | 'short' | 'odd' | 'average' | 'ramp' | 'actual' | 'actualAverage';

export interface Trace {
  name: TraceName;
  title: string;
  /** Name of a color in style.css. */
  color: string;
  line: boolean;
  points: number;
  shown: boolean;
  meaning: string;
}

/** In the order of the legend. */
export function tracesOf(m: Model): Trace[] {
  return [...plannedGaps(m), plannedAverage(m), ...rampTraces(m), ...sentTraces(m)];
}

/** Single gaps that stand out are hidden at first. */
function plannedGaps({ kindCounts: [normal, short, odd], data }: Model): Trace[] {
  const what = data.arriving === 'clients' ? 'client' : 'request';
  return [
    {
      name: 'normal',
      title: 'Normal RPS',
      color: 'expected',
      line: false,
      points: normal,
      shown: true,
      meaning: `Planned: 1 / the gap before each ${what}, at the moment it is due.`,
    },
    {
      name: 'short',
      title: 'Time Interval Caused Anomaly',
      color: 'short',
      line: false,
      points: short,
      shown: false,
      meaning:
        'Planned gaps below 1 ms and below a tenth of the meant gap: too short for many clients and services to tell apart.',
    },
    {
      name: 'odd',
      title: 'Burstiness Caused Anomaly',
      color: 'odd',
      line: false,
      points: odd,
      shown: false,
      meaning: 'Planned gaps more than 50 % off the meant gap. Random arrivals have many; they are no fault.',
    },
  ];
}

function plannedAverage({ window, average }: Model): Trace {
  return {
    name: 'average',
    title: `${window}-point moving average`,
    color: 'average',
    line: true,
    points: average.at.length,
    shown: true,
    meaning: `Planned rate: ${window} gaps divided by the time they take together, in the middle of that time.`,
  };
}

function rampTraces({ ramp, data }: Model): Trace[] {
  if (!ramp) return [];
  return [
    {
      name: 'ramp',
      title: 'Theoretical Ramp-up',
      color: 'ramp',
      line: true,
      points: ramp.at.length,
      shown: true,
      meaning: `The ${data.ramp?.strategy} ramp itself, without chance.`,
    },
  ];
}

function sentTraces({ actual, actualAverage, window }: Model): Trace[] {
  if (!actual || !actualAverage) return [];
  return [
    {
      name: 'actual',
      title: 'Actual RPS',
      color: 'sent',
      line: false,
      points: actual.count,
      shown: true,
      meaning:
        'Measured: 1 / the gap between one request sent and the next; nothing is left out. Retries are not counted.',
    },
    {
      name: 'actualAverage',
      title: `Actual ${window}-point moving average`,
      color: 'sent',
      line: true,
      points: actualAverage.at.length,
      shown: true,
      meaning:
        'Measured rate, averaged in the same way. Below the planned one: the client held requests back, at batch_size or for want of time.',
    },
  ];
}

/** What the table says of a line, points, or bars. */
type Explained = Pick<Trace, 'title' | 'color' | 'line' | 'points' | 'meaning'>;

/** The legend's buttons and the table's rows; `change` is called after a trace was shown or hidden. */
export function fillLegend(
  traces: Trace[],
  m: Model,
  element: (id: string) => HTMLElement,
  change: () => void,
): void {
  for (const trace of traces) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.trace = trace.name;
    button.append(swatch(trace), trace.title);
    button.setAttribute('aria-pressed', String(trace.shown));
    button.onclick = () => {
      trace.shown = !trace.shown;
      button.setAttribute('aria-pressed', String(trace.shown));
      change();
    };
    element('legend').append(button);
  }
  for (const one of [...traces, ...explainBars(m)]) addRow(element('traces'), one);
}

/** What the two histograms show. */
function explainBars({ counts, gaps }: Model): Explained[] {
  const bars: Explained[] = [
    {
      title: 'Normal Request Count',
      color: 'counted',
      line: false,
      points: sum(counts.expected),
      meaning: 'RPS vs Request Count: how many planned gaps have that rate, without the too short ones.',
    },
    {
      title: 'Normal Intervals',
      color: 'counted-gaps',
      line: false,
      points: sum(gaps.expected),
      meaning: 'Gaps: how many planned gaps are that long.',
    },
  ];
  if (gaps.law) {
    bars.push({
      title: 'Gamma law',
      color: 'text',
      line: true,
      points: gaps.law.length,
      meaning: 'Gaps: what the law of the arrivals gives each bar on average.',
    });
  }
  if (counts.actual) {
    bars.push({
      title: 'Actual',
      color: 'sent',
      line: true,
      points: sum(counts.actual),
      meaning: 'Both histograms: the same of the requests really sent.',
    });
  }
  return bars;
}

function addRow(table: HTMLElement, explained: Explained): void {
  const { title, meaning, points } = explained;
  const row = document.createElement('tr');
  const cells = [title, meaning, count(points)].map((text) => {
    const cell = document.createElement('td');
    cell.textContent = text;
    return cell;
  });
  cells[0].prepend(swatch(explained));
  row.append(...cells);
  table.append(row);
}

function swatch({ color, line }: Explained): HTMLElement {
  const sign = document.createElement('i');
  sign.className = line ? 'swatch line' : 'swatch';
  sign.style.background = `var(--${color})`;
  return sign;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}
