/** The buttons above the charts. */
import type { Stage } from './charts.ts';
import { byLane, byRequest, rowsFor } from './layout.ts';

/** Part of the steady stage's length that is shown before and after it. */
const STEADY_MARGIN = 0.04;

export function connectControls(
  element: (id: string) => HTMLElement,
  stage: Stage,
  savePicture: () => void,
): void {
  const { view, steady } = stage;
  const choose = (lanes: boolean) => {
    chooseLayout(stage, lanes);
    element('by-request').setAttribute('aria-pressed', String(!lanes));
    element('by-lane').setAttribute('aria-pressed', String(lanes));
  };
  element('by-request').onclick = () => choose(false);
  element('by-lane').onclick = () => choose(true);
  element('reset').onclick = () => view.reset();
  element('save').onclick = savePicture;
  element('steady').hidden = steady === null;
  element('steady').onclick = () => {
    if (!steady) return;
    const margin = (steady.end - steady.start) * STEADY_MARGIN;
    const first = Math.min(steady.start, ...steady.marks.map(({ at }) => at));
    view.showTime(first - margin, steady.end + margin);
  };
}

/** Lays the requests out anew and tells the view which rows there are. */
export function chooseLayout(stage: Stage, lanes: boolean): void {
  const { requests, view } = stage;
  const layout = lanes ? byLane(requests) : byRequest(requests);
  // Row i is number i + 1 on the axis; some room above and below.
  const around = (first: number, last: number) => {
    const room = Math.max(0.5, (last - first + 1) * 0.015);
    return { min: first + 1 - room, max: last + 1 + room };
  };
  stage.layout = layout;
  view.setRows(around(0, Math.max(0, layout.rows - 1)), (x) =>
    around(...rowsFor(requests, layout, x.min, x.max)),
  );
}
