/** What stands above the charts: which run this is, its numbers, and what the colors mean. */
import type { PlotData } from '../../src/reporters/plot.ts';
import type { Requests } from './load.ts';
import { type Part, parts } from './parts.ts';
import type { Steady } from './steady.ts';
import { count, duration, moment, seconds } from './text.ts';

export interface Figure {
  name: string;
  value: string;
  more: string;
}

export interface LegendEntry {
  text: string;
  /** Name of a color in style.css. */
  color: string;
  shape: 'bar' | 'crossed' | 'limit' | 'area';
}

export const runTitle = (data: Pick<PlotData, 'model' | 'dataset'>) => `${data.model} · ${data.dataset}`;

export const runOrigin = (data: PlotData) =>
  [data.url, moment(data.startedAtUnixMs), data.tool].filter(Boolean).join(' · ');

export function figuresOf(data: PlotData, r: Requests, steady: Steady | null): Figure[] {
  const retries = r.retries > 0 ? `incl. ${count(r.retries)} ${r.retries === 1 ? 'retry' : 'retries'}` : '';
  const figures = [
    { name: 'Requests', value: count(r.count), more: retries },
    { name: 'Failed', value: count(r.failed), more: share(r.failed, r.count) },
    { name: 'Highest concurrency', value: count(data.maxLevel), more: `of ${count(data.batchSize)}` },
    { name: 'Duration', value: r.count > 0 ? duration(r.endsAt) : '–', more: '' },
  ];
  if (r.cancelled > 0) figures.splice(2, 0, { name: 'Cancelled', value: count(r.cancelled), more: '' });
  if (steady) {
    const range = `${seconds(steady.start)} to ${seconds(steady.end)}`;
    figures.push({ name: 'Steady stage', value: duration(steady.end - steady.start), more: range });
  }
  return figures;
}

function share(part: number, whole: number): string {
  return part > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '';
}

/** Only what can be seen in this run. */
export function legendOf(r: Requests, batchSize: number, steady: Steady | null): LegendEntry[] {
  const texts: Record<Part, string> = {
    waiting: 'Waiting for first token',
    decoding: r.stream ? 'Decoding' : 'Sent until answered',
    tail: 'Closing the response',
    failed: 'Failed',
    cancelled: 'Cancelled',
  };
  const shown: Record<Part, boolean> = {
    waiting: r.stream,
    decoding: true,
    tail: r.stream && hasTail(r),
    failed: r.failed > 0,
    cancelled: r.cancelled > 0,
  };
  const entries: LegendEntry[] = parts
    .filter((part) => shown[part])
    .map((part) => ({ text: texts[part], color: part, shape: part === 'failed' ? 'crossed' : 'bar' }));
  entries.push({ text: `Max concurrency (${count(batchSize)})`, color: 'muted', shape: 'limit' });
  if (steady) entries.push({ text: 'Calculated steady stage', color: 'steady', shape: 'area' });
  return entries;
}

/** True when some response stayed open so long after its last token that it can be seen. */
function hasTail(r: Requests): boolean {
  const visible = r.endsAt / 500;
  return r.end.some((end, i) => end - r.lastToken[i] > visible);
}

export function fillHeader(
  data: PlotData,
  figures: Figure[],
  legend: LegendEntry[],
  element: (id: string) => HTMLElement,
): void {
  document.title = `${runTitle(data)} · Request timeline`;
  element('title').textContent = runTitle(data);
  element('origin').textContent = runOrigin(data);
  for (const { name, value, more } of figures) {
    const group = document.createElement('div');
    const term = document.createElement('dt');
    const definition = document.createElement('dd');
    const small = document.createElement('small');
    term.textContent = name;
    small.textContent = more;
    definition.append(`${value} `, small);
    group.append(term, definition);
    element('figures').append(group);
  }
  for (const { text, color, shape } of legend) {
    const item = document.createElement('li');
    item.append(swatch(color, shape), text);
    element('legend').append(item);
  }
  const notices = [
    data.interrupted ? 'The run was interrupted; this is what was collected.' : '',
    data.noSteady ? `No steady stage: ${data.noSteady}` : '',
  ].filter(Boolean);
  element('notice').hidden = notices.length === 0;
  element('notice').textContent = notices.join(' ');
}

function swatch(color: string, shape: LegendEntry['shape']): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', '20');
  svg.setAttribute('height', '12');
  svg.setAttribute('aria-hidden', 'true');
  const shapes: Record<LegendEntry['shape'], string> = {
    bar: '<rect y="4" width="20" height="4" rx="1" fill="C"/>',
    crossed:
      '<rect y="5" width="16" height="2" fill="C"/><path d="M12 2l8 8m0-8l-8 8" stroke="C" stroke-width="1.6"/>',
    limit: '<path d="M0 6h20" stroke="C" stroke-width="1.5" stroke-dasharray="1.5 3"/>',
    area: '<rect width="20" height="12" fill="var(--steady-fill)"/><path d="M.5 0v12M19.5 0v12" stroke="C" stroke-dasharray="3 2"/>',
  };
  svg.innerHTML = shapes[shape].replaceAll('"C"', `"var(--${color})"`);
  return svg;
}
