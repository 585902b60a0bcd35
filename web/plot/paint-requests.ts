/**
 * Draws the requests' lines. A few are drawn one by one; many as a picture in which each pixel mixes the
 * parts that fall on it, so that the cost of a redraw hardly depends on how many requests there are.
 */
import type { Canvas } from './canvas.ts';
import { type Layout, touching } from './layout.ts';
import type { Requests } from './load.ts';
import { PART, parts, visitParts } from './parts.ts';
import { rgbOf } from './theme.ts';

/** What rows are measured by. */
type Upright = Pick<Canvas, 'box' | 'y'>;

interface Scene {
  requests: Requests;
  layout: Layout;
}

/** The first and the last row in sight. */
type Rows = [first: number, last: number];

/** More lines than this are mixed rather than drawn one by one. */
const MAX_SINGLE = 4000;
const MAX_CROSSES = 1500;
/** Opacity of a pixel that one line among many touches; a fully covered one has 1. */
const FAINTEST = 0.42;
/** How much more a failure counts in a mixed pixel, so that one among hundreds is still seen. */
const FAILURE_WEIGHT = 400;

export function requestPainter(): (canvas: Canvas, scene: Scene) => void {
  const picture = document.createElement('canvas');
  return (canvas, scene) => {
    const { ctx, box } = canvas;
    if (scene.requests.count === 0 || box.width < 1 || box.height < 1) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, box.top, box.width, box.height);
    ctx.clip();
    const rows = visibleRows(canvas, scene);
    const single = rowHeight(canvas) >= 1 ? visibleRequests(canvas, scene, rows) : null;
    if (single) drawSingly(canvas, scene, single);
    else drawMixed(canvas, scene, rows, picture);
    drawCrosses(canvas, scene, rows);
    ctx.restore();
  };
}

/** Device pixels from the box's left edge. */
function xOf({ box, x }: Canvas, time: number): number {
  return ((time - x.min) / (x.max - x.min)) * box.width;
}

/** Device pixels from the box's top edge to the upper edge of a row. Row i lies around i + 1 on the axis. */
function topOf({ box, y }: Upright, row: number): number {
  return ((y.max - row - 1.5) / (y.max - y.min)) * box.height;
}

function rowHeight({ box, y }: Upright): number {
  return box.height / (y.max - y.min);
}

function visibleRows({ y }: Canvas, { layout }: Scene): Rows {
  return [Math.max(0, Math.floor(y.min - 1.5)), Math.min(layout.rows - 1, Math.ceil(y.max - 0.5))];
}

/** The requests in sight, or null when there are more than are drawn one by one. */
function visibleRequests({ x }: Canvas, scene: Scene, [first, last]: Rows): number[] | null {
  const found: number[] = [];
  for (let row = first; row <= last; row++) {
    const [from, to] = touching(scene.requests, scene.layout, row, x);
    if (found.length + to - from > MAX_SINGLE) return null;
    for (let k = from; k < to; k++) found.push(scene.layout.order[k]);
  }
  return found;
}

/**
 * Upper edge and height of a row's line. Low rows are left to antialiasing, which keeps them all alike; high
 * ones get whole pixels and one thickness.
 */
export function lineSpan(
  canvas: Pick<Canvas, 'box' | 'y' | 'ratio'>,
  row: number,
): [top: number, height: number] {
  const room = rowHeight(canvas);
  const top = topOf(canvas, row);
  if (room < 3) return [top, Math.max(1, room * 0.86)];
  const height = Math.min(Math.round(22 * canvas.ratio), Math.max(2, Math.floor(room * 0.8)));
  return [Math.round(top + (room - height) / 2), height];
}

function drawSingly(canvas: Canvas, { requests, layout }: Scene, found: number[]): void {
  const { ctx, box, theme, ratio } = canvas;
  const paths = parts.map(() => new Path2D());
  for (const i of found) {
    const [top, height] = lineSpan(canvas, layout.rowOf[i]);
    visitParts(requests, i, (part, from, to) => {
      const left = Math.max(xOf(canvas, from), -ratio);
      const right = Math.min(xOf(canvas, to), box.width + ratio);
      if (right > left)
        paths[part].rect(box.left + left, box.top + top, Math.max(right - left, ratio / 2), height);
    });
  }
  paths.forEach((path, part) => {
    ctx.fillStyle = theme.parts[part];
    ctx.fill(path);
  });
}

function drawMixed(
  canvas: Canvas,
  { requests, layout }: Scene,
  [first, last]: Rows,
  picture: HTMLCanvasElement,
): void {
  const { ctx, box, x, theme } = canvas;
  const width = Math.round(box.width);
  const height = Math.round(box.height);
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const line = mixer(width, theme.parts.map(rgbOf));
  const add = (part: number, from: number, to: number) => line.add(part, xOf(canvas, from), xOf(canvas, to));
  // Rows go upwards and pixels downwards; rows that begin on the same line of pixels are mixed in it.
  const gap = rowHeight(canvas) >= 4 ? 1 : 0;
  let rowsInLine = 0;
  let top = Math.round(topOf(canvas, last));
  for (let row = last; row >= first; row--) {
    const [from, to] = touching(requests, layout, row, x);
    for (let k = from; k < to; k++) visitParts(requests, layout.order[k], add);
    rowsInLine++;
    const below = Math.round(topOf(canvas, row - 1));
    if (below === top && row > first) continue;
    line.take(rowsInLine, pixels, Math.max(0, top), Math.min(height, Math.max(top + 1, below - gap)));
    rowsInLine = 0;
    top = below;
  }
  picture.width = width;
  picture.height = height;
  picture.getContext('2d')?.putImageData(image, 0, 0);
  ctx.drawImage(picture, Math.round(box.left), Math.round(box.top));
}

/** Sums up how much of each pixel of one line the parts cover, then turns that into colors. */
function mixer(width: number, colors: [number, number, number][]) {
  // Per part: what starts to cover all pixels from here on, and what covers only this pixel, partly.
  const step = colors.map(() => new Float32Array(width + 1));
  const here = colors.map(() => new Float32Array(width + 1));
  const covered = new Float32Array(colors.length);
  const weight = colors.map((_, part) => (part === PART.failed ? FAILURE_WEIGHT : 1));

  const add = (part: number, from: number, to: number) => {
    const a = Math.max(from, 0);
    const b = Math.min(to, width);
    if (b < a || a >= width || b <= 0) return;
    const first = Math.floor(a);
    const last = Math.floor(b);
    if (first === last) here[part][first] += b - a;
    else {
      here[part][first] += first + 1 - a;
      step[part][first + 1] += 1;
      step[part][last] -= 1;
      here[part][last] += b - last;
    }
  };

  const take = (rows: number, pixels: Uint32Array, top: number, bottom: number) => {
    covered.fill(0);
    for (let column = 0; column < width; column++) {
      let total = 0;
      let weighted = 0;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let part = 0; part < colors.length; part++) {
        covered[part] += step[part][column];
        const share = covered[part] + here[part][column];
        if (share <= 1e-4) continue;
        const counts = share * weight[part];
        total += share;
        weighted += counts;
        red += counts * colors[part][0];
        green += counts * colors[part][1];
        blue += counts * colors[part][2];
      }
      if (weighted === 0) continue;
      const presence = Math.min(1, 1.5 * Math.sqrt(weighted));
      const alpha = presence * Math.min(1, FAINTEST + (1 - FAINTEST) * Math.sqrt((total / rows) * 1.02));
      const color =
        ((Math.round(alpha * 255) << 24) |
          (Math.round(blue / weighted) << 16) |
          (Math.round(green / weighted) << 8) |
          Math.round(red / weighted)) >>>
        0;
      for (let y = top; y < bottom; y++) pixels[y * width + column] = color;
    }
    for (let part = 0; part < colors.length; part++) {
      step[part].fill(0);
      here[part].fill(0);
    }
  };
  return { add, take };
}

/** A cross at the end of each failed attempt, unless there are so many that they would hide the rest. */
function drawCrosses(canvas: Canvas, { requests, layout }: Scene, [first, last]: Rows): void {
  const { ctx, box, x, theme, ratio } = canvas;
  if (requests.failed === 0 || requests.failed > MAX_CROSSES) return;
  const size = Math.min(4.5, Math.max(2.5, rowHeight(canvas) / ratio / 2)) * ratio;
  ctx.beginPath();
  for (let row = first; row <= last; row++) {
    const [from, to] = touching(requests, layout, row, x);
    for (let k = from; k < to; k++) {
      const i = layout.order[k];
      let failed = false;
      visitParts(requests, i, (part) => {
        failed ||= part === PART.failed;
      });
      if (!failed) continue;
      const centreX = box.left + xOf(canvas, requests.end[i]);
      const centreY = box.top + topOf(canvas, row - 0.5);
      ctx.moveTo(centreX - size, centreY - size);
      ctx.lineTo(centreX + size, centreY + size);
      ctx.moveTo(centreX - size, centreY + size);
      ctx.lineTo(centreX + size, centreY - size);
    }
  }
  ctx.strokeStyle = theme.parts[PART.failed];
  ctx.lineWidth = 1.4 * ratio;
  ctx.stroke();
}
