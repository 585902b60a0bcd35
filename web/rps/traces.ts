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

/** Single gaps that stand out are hidden at first. */
export function tracesOf(m: Model): Trace[] {
  const [normal, short, odd] = m.kindCounts;
  const what = m.data.arriving === 'clients' ? 'client' : 'request';
  const traces: Trace[] = [
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
    {
      name: 'average',
      title: `${m.window}-point moving average`,
      color: 'average',
      line: true,
      points: m.average.at.length,
      shown: true,
      meaning: `Planned rate: ${m.window} gaps divided by the time they take together, in the middle of that time.`,
    },
  ];
  if (m.ramp) {
    traces.push({
      name: 'ramp',
      title: 'Theoretical Ramp-up',
      color: 'ramp',
      line: true,
      points: m.ramp.at.length,
      shown: true,
      meaning: `The ${m.data.ramp?.strategy} ramp itself, without chance.`,
    });
  }
  if (m.actual && m.actualAverage) {
    traces.push(
      {
        name: 'actual',
        title: 'Actual RPS',
        color: 'sent',
        line: false,
        points: m.actual.count,
        shown: true,
        meaning:
          'Measured: 1 / the gap between one request sent and the next; nothing is left out. Retries are not counted.',
      },
      {
        name: 'actualAverage',
        title: `Actual ${m.window}-point moving average`,
        color: 'sent',
        line: true,
        points: m.actualAverage.at.length,
        shown: true,
        meaning:
          'Measured rate, averaged in the same way. Below the planned one: the client held requests back, at batch_size or for want of time.',
      },
    );
  }
  return traces;
}

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
    button.append(swatch(trace.color, trace.line), trace.title);
    button.setAttribute('aria-pressed', String(trace.shown));
    button.onclick = () => {
      trace.shown = !trace.shown;
      button.setAttribute('aria-pressed', String(trace.shown));
      change();
    };
    element('legend').append(button);
    addRow(element('traces'), swatch(trace.color, trace.line), trace.title, trace.meaning, trace.points);
  }
  const table = element('traces');
  const { counts, gaps } = m;
  addRow(
    table,
    swatch('counted', false),
    'Normal Request Count',
    'RPS vs Request Count: how many planned gaps have that rate, without the too short ones.',
    sum(counts.expected),
  );
  addRow(
    table,
    swatch('counted-gaps', false),
    'Normal Intervals',
    'Gaps: how many planned gaps are that long.',
    sum(gaps.expected),
  );
  if (gaps.law)
    addRow(
      table,
      swatch('text', true),
      'Gamma law',
      'Gaps: what the law of the arrivals gives each bar on average.',
      gaps.law.length,
    );
  if (counts.actual)
    addRow(
      table,
      swatch('sent', true),
      'Actual',
      'Both histograms: the same of the requests really sent.',
      sum(counts.actual),
    );
}

function addRow(table: HTMLElement, sign: HTMLElement, title: string, meaning: string, points: number): void {
  const row = document.createElement('tr');
  const cells = [title, meaning, count(points)].map((text) => {
    const cell = document.createElement('td');
    cell.textContent = text;
    return cell;
  });
  cells[0].prepend(sign);
  row.append(...cells);
  table.append(row);
}

function swatch(color: string, line: boolean): HTMLElement {
  const sign = document.createElement('i');
  sign.className = line ? 'swatch line' : 'swatch';
  sign.style.background = `var(--${color})`;
  return sign;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}
