/** What the pointer is on: a line through the charts, the nearest request, and a text about it. */
import { outcomes } from '../../src/core/records.ts';
import type { Chart, Stage } from './charts.ts';
import { touching } from './layout.ts';
import { levelAt } from './level.ts';
import { lineSpan } from './paint-requests.ts';
import { cutAt, tokensPerSAt } from './plateau.ts';
import { count, duration, seconds } from './text.ts';

/** Further than this from the pointer, in CSS pixels, nothing is meant. */
const REACH = 14;

export function addHover(upper: Chart, lower: Chart[], stage: Stage, tip: HTMLElement): { hide(): void } {
  const hairs = [upper, ...lower].map(({ plot }) => addDiv(plot.over, 'hair'));
  const found = addDiv(upper.plot.over, 'found');
  const hide = () => {
    for (const element of [...hairs, found, tip]) element.hidden = true;
  };
  const follow = (chart: Chart, e: PointerEvent) => {
    if (e.buttons !== 0) return hide();
    const over = chart.plot.over.getBoundingClientRect();
    const left = e.clientX - over.left;
    const top = e.clientY - over.top;
    const time = chart.plot.posToVal(left, 'x');
    for (const hair of hairs) {
      hair.hidden = false;
      hair.style.left = `${left}px`;
    }
    const request = chart === upper ? nearest(stage, upper, left, top) : null;
    showFound(found, stage, upper, request);
    tip.hidden = chart === upper && request === null;
    if (tip.hidden) return;
    tip.replaceChildren(...(request === null ? levelText(stage, time) : requestText(stage, request)));
    place(tip, e);
  };
  for (const chart of [upper, ...lower]) {
    chart.plot.over.addEventListener('pointermove', (e) => follow(chart, e));
    chart.plot.over.addEventListener('pointerleave', hide);
  }
  hide();
  return { hide };
}

/** The request whose line is nearest to a point, in CSS pixels; null when none is within reach. */
function nearest(stage: Stage, { plot }: Chart, left: number, top: number): number | null {
  const { requests, layout } = stage;
  const rowAt = (pixels: number) => Math.round(plot.posToVal(pixels, 'y')) - 1;
  const lowest = Math.max(0, rowAt(top + REACH));
  const highest = Math.min(layout.rows - 1, rowAt(top - REACH));
  const range = { min: plot.posToVal(left - REACH, 'x'), max: plot.posToVal(left + REACH, 'x') };
  let best: number | null = null;
  let shortest = REACH * REACH;
  for (let row = lowest; row <= highest; row++) {
    const [from, to] = touching(requests, layout, row, range);
    const dy = plot.valToPos(row + 1, 'y') - top;
    for (let k = from; k < to; k++) {
      const i = layout.order[k];
      const before = plot.valToPos(requests.sent[i], 'x') - left;
      const after = left - plot.valToPos(requests.end[i], 'x');
      const dx = Math.max(0, before, after);
      if (dx * dx + dy * dy >= shortest) continue;
      shortest = dx * dx + dy * dy;
      best = i;
    }
  }
  return best;
}

function showFound(found: HTMLElement, stage: Stage, { plot }: Chart, request: number | null): void {
  found.hidden = request === null;
  if (request === null) return;
  const { requests, layout, view } = stage;
  const box = { left: 0, top: 0, width: plot.over.clientWidth, height: plot.over.clientHeight };
  const [top, height] = lineSpan({ box, y: view.y(), ratio: 1 }, layout.rowOf[request]);
  const left = Math.max(-4, plot.valToPos(requests.sent[request], 'x'));
  const right = Math.min(box.width + 4, plot.valToPos(requests.end[request], 'x'));
  Object.assign(found.style, {
    left: `${left - 2}px`,
    top: `${top - 2}px`,
    width: `${right - left + 4}px`,
    height: `${height + 4}px`,
  });
}

function requestText({ requests: r, steps }: Stage, i: number): HTMLElement[] {
  const attempt = r.attempt[i] > 0 ? `, attempt ${r.attempt[i] + 1}` : '';
  const rows: [string, string][] = [['Outcome', outcomes[r.outcome[i]]]];
  const last = Number.isNaN(r.lastToken[i]) ? r.end[i] : r.lastToken[i];
  if (r.outcome[i] !== 0) rows.push(['Ended after', duration(r.end[i] - r.sent[i])]);
  if (r.stream) {
    rows.push(['TTFT', duration(r.firstToken[i] - r.sent[i])]);
    rows.push(['Decode', duration(last - r.firstToken[i])]);
  }
  if (r.outcome[i] === 0) rows.push(['E2EL', duration(last - r.sent[i])]);
  rows.push(['Tokens in / out', `${count(r.inTokens[i])} / ${count(r.outTokens[i])}`]);
  rows.push(['Sent at', seconds(r.sent[i])]);
  rows.push(['In flight when sent', count(levelAt(steps, r.sent[i]))]);
  return text(`Request ${count(r.index[i])}${attempt}`, rows);
}

function levelText({ steps, plateau }: Stage, time: number): HTMLElement[] {
  const rows: [string, string][] = [['Time', `${time.toFixed(4)} s`]];
  if (plateau) rows.push(['Output tokens per second', count(Math.round(tokensPerSAt(plateau, time)))]);
  const cut = plateau && cutAt(plateau, time);
  if (cut) rows.push(['Cut', cut.why]);
  return text(`${count(levelAt(steps, time))} in flight`, rows);
}

function text(title: string, rows: [string, string][]): HTMLElement[] {
  const heading = document.createElement('h2');
  heading.textContent = title;
  const list = document.createElement('dl');
  for (const [name, value] of rows) {
    const term = document.createElement('dt');
    const definition = document.createElement('dd');
    term.textContent = name;
    definition.textContent = value;
    list.append(term, definition);
  }
  return [heading, list];
}

/** Beside the pointer, on the side where there is room. */
function place(tip: HTMLElement, e: PointerEvent): void {
  const room = (tip.parentElement as HTMLElement).getBoundingClientRect();
  const x = e.clientX - room.left;
  const y = e.clientY - room.top;
  const left = x + 18 + tip.offsetWidth <= room.width ? x + 18 : Math.max(0, x - 18 - tip.offsetWidth);
  const top = Math.max(0, Math.min(y + 14, room.height - tip.offsetHeight));
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

function addDiv(parent: HTMLElement, className: string): HTMLElement {
  const div = document.createElement('div');
  div.className = className;
  parent.append(div);
  return div;
}
