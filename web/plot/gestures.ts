/** Wheel, box, pan and keys, the same on both charts. Only the upper chart has rows to choose. */
import type uPlot from 'uplot';
import type { View } from './view.ts';

/** Less than this, in CSS pixels, is a click and no box. */
const MIN_DRAG = 5;
/** A box flatter than this means a time range, and all rows of it. */
const MIN_BOX_HEIGHT = 14;
const KEY_STEP = 0.15;
const KEY_ZOOM = 0.7;

export function addGestures(plot: uPlot, view: View, hasRows: boolean): void {
  const { over } = plot;
  over.addEventListener('wheel', (e) => wheel(e, plot, view, hasRows), { passive: false });
  over.addEventListener('dblclick', () => view.reset());
  over.addEventListener('pointerdown', (e) => {
    const panning = e.button === 1 || e.button === 2 || (e.button === 0 && e.shiftKey);
    if (panning) pan(e, plot, view, hasRows);
    else if (e.button === 0) drawBox(e, plot, view, hasRows);
  });
  over.addEventListener('contextmenu', (e) => e.preventDefault());
}

/** Lets a chart take the focus, and its keys. */
export function addKeys(host: HTMLElement, view: View): void {
  host.tabIndex = 0;
  host.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const { min, max } = view.x();
    const middle = (min + max) / 2;
    const step = (max - min) * KEY_STEP;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => view.move(-step),
      ArrowRight: () => view.move(step),
      '+': () => view.zoom(KEY_ZOOM, middle),
      '=': () => view.zoom(KEY_ZOOM, middle),
      '-': () => view.zoom(1 / KEY_ZOOM, middle),
      '0': () => view.reset(),
      Home: () => view.reset(),
    };
    const action = actions[e.key];
    if (!action) return;
    e.preventDefault();
    action();
  });
}

function wheel(e: WheelEvent, plot: uPlot, view: View, hasRows: boolean): void {
  e.preventDefault();
  const pixels = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
  const { min, max } = view.x();
  if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
    const by = (e.shiftKey ? e.deltaY || e.deltaX : e.deltaX) * pixels;
    view.move((by / plot.over.clientWidth) * (max - min));
    return;
  }
  // A pinch on a touchpad comes as small wheel steps with ctrl.
  const speed = e.ctrlKey ? 0.01 : 0.0018;
  const delta = Math.max(-240, Math.min(240, e.deltaY * pixels));
  const row = hasRows ? plot.posToVal(topIn(e, plot), 'y') : undefined;
  view.zoom(Math.exp(delta * speed), plot.posToVal(leftIn(e, plot), 'x'), row);
}

function pan(start: PointerEvent, plot: uPlot, view: View, hasRows: boolean): void {
  const { over } = plot;
  let x = start.clientX;
  let y = start.clientY;
  over.classList.add('moving');
  track(start, over, {
    move(e) {
      const time = view.x();
      const rows = view.y();
      const seconds = ((x - e.clientX) / over.clientWidth) * (time.max - time.min);
      const up = ((e.clientY - y) / over.clientHeight) * (rows.max - rows.min);
      x = e.clientX;
      y = e.clientY;
      view.move(seconds, hasRows ? up : undefined);
    },
    done: () => over.classList.remove('moving'),
  });
}

function drawBox(start: PointerEvent, plot: uPlot, view: View, hasRows: boolean): void {
  const { over } = plot;
  const box = document.createElement('div');
  box.className = 'box';
  const x0 = leftIn(start, plot);
  const y0 = topIn(start, plot);
  let found: { left: number; right: number; top: number; bottom: number; rows: boolean } | null = null;
  over.append(box);
  track(start, over, {
    move(e) {
      const x1 = leftIn(e, plot);
      const y1 = topIn(e, plot);
      const rows = hasRows && Math.abs(y1 - y0) >= MIN_BOX_HEIGHT;
      const left = Math.min(x0, x1);
      const right = Math.max(x0, x1);
      const top = rows ? Math.min(y0, y1) : 0;
      const bottom = rows ? Math.max(y0, y1) : over.clientHeight;
      found = right - left >= MIN_DRAG ? { left, right, top, bottom, rows } : null;
      Object.assign(box.style, {
        left: `${left}px`,
        top: `${top}px`,
        width: `${right - left}px`,
        height: `${bottom - top}px`,
      });
    },
    done(cancelled) {
      box.remove();
      if (!found || cancelled) return;
      const x = { min: plot.posToVal(found.left, 'x'), max: plot.posToVal(found.right, 'x') };
      const y = { min: plot.posToVal(found.bottom, 'y'), max: plot.posToVal(found.top, 'y') };
      if (found.rows) view.showBox(x, y);
      else view.showTime(x.min, x.max);
    },
  });
}

/** Follows a pointer until it is let go, also outside of the chart; Escape gives up. */
function track(
  start: PointerEvent,
  target: HTMLElement,
  on: { move(e: PointerEvent): void; done(cancelled: boolean): void },
): void {
  const stop = new AbortController();
  const { signal } = stop;
  const finish = (cancelled: boolean) => {
    stop.abort();
    on.done(cancelled);
  };
  target.setPointerCapture(start.pointerId);
  target.addEventListener('pointermove', on.move, { signal });
  target.addEventListener('pointerup', () => finish(false), { signal });
  target.addEventListener('pointercancel', () => finish(true), { signal });
  document.addEventListener('keydown', (e) => e.key === 'Escape' && finish(true), { signal });
  if (start.button === 1) start.preventDefault();
}

function leftIn(e: MouseEvent, { over }: uPlot): number {
  return Math.max(0, Math.min(over.clientWidth, e.clientX - over.getBoundingClientRect().left));
}

function topIn(e: MouseEvent, { over }: uPlot): number {
  return Math.max(0, Math.min(over.clientHeight, e.clientY - over.getBoundingClientRect().top));
}
