/** Saves the header, the legend and what the charts show now as one picture. */
import type { Chart } from './charts.ts';
import type { LegendEntry } from './header.ts';
import { FONT, type Theme } from './theme.ts';

export interface PictureText {
  title: string;
  origin: string;
  figures: string;
  legend: LegendEntry[];
}

const MARGIN = 24;
const HEAD = 96;

export async function savePng(
  charts: Chart[],
  text: PictureText,
  theme: Theme,
  fileName: string,
): Promise<void> {
  const canvases = charts.map(({ plot }) => plot.ctx.canvas);
  const ratio = canvases[0].width / charts[0].plot.width;
  const picture = document.createElement('canvas');
  picture.width = canvases[0].width + 2 * MARGIN * ratio;
  picture.height = (HEAD + 2 * MARGIN) * ratio + canvases.reduce((sum, c) => sum + c.height, 0);
  const ctx = picture.getContext('2d');
  if (!ctx) return;
  ctx.fillStyle = theme.page;
  ctx.fillRect(0, 0, picture.width, picture.height);
  let top = (MARGIN + HEAD) * ratio;
  for (const canvas of canvases) {
    ctx.drawImage(canvas, MARGIN * ratio, top);
    top += canvas.height;
  }
  ctx.scale(ratio, ratio);
  drawHead(ctx, text, theme);
  const blob = await new Promise<Blob | null>((done) => picture.toBlob(done, 'image/png'));
  if (blob) download(blob, fileName);
}

function drawHead(ctx: CanvasRenderingContext2D, text: PictureText, theme: Theme): void {
  const line = (content: string, top: number, font: string, color: string) => {
    ctx.font = `${font} ${FONT}`;
    ctx.fillStyle = color;
    ctx.fillText(content, MARGIN, top);
  };
  ctx.textBaseline = 'top';
  line(text.title, MARGIN, '650 20px', theme.text);
  line(text.origin, MARGIN + 28, '12.5px', theme.muted);
  line(text.figures, MARGIN + 48, '12.5px', theme.text);
  const style = getComputedStyle(document.documentElement);
  let left = MARGIN;
  ctx.font = `12.5px ${FONT}`;
  for (const { text: name, color, shape } of text.legend) {
    const thickness = { bar: 5, crossed: 5, limit: 1, area: 12 }[shape];
    ctx.fillStyle = shape === 'area' ? theme.steadyFill : style.getPropertyValue(`--${color}`);
    ctx.fillRect(left, MARGIN + 80 - thickness / 2, 18, thickness);
    ctx.fillStyle = theme.text;
    ctx.fillText(name, left + 24, MARGIN + 73);
    left += 24 + ctx.measureText(name).width + 20;
  }
}

function download(blob: Blob, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  // The browser reads the address after the click returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
