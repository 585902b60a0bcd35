/** The pages of the request rate as a reader meets them: built, filled with made-up times, opened from disk in Chromium. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeRpsPage, type RpsShape } from './rps.fixture.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const RAMP = { strategy: 'linear', startRps: 10, endRps: 100 } as const;

const builtPage = resolve(import.meta.dirname, '../../dist/web/rps.html');
const folder = mkdtempSync(join(tmpdir(), 'rps-'));
const opened: { page: Page; complaints: string[] }[] = [];
let browser: Browser;
let template: string;

beforeAll(async () => {
  if (!existsSync(builtPage)) throw new Error(`${builtPage} is missing: run "npm run build" first.`);
  template = readFileSync(builtPage, 'utf8');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS.split(' ') });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

// No test may end with a request to anywhere, an error or as much as a warning.
afterEach(async () => {
  for (const { page, complaints } of opened.splice(0)) {
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});

async function open(shape: RpsShape, width = 1440, colorScheme: 'light' | 'dark' = 'light') {
  const made = makeRpsPage(template, shape);
  const file = join(folder, `gsm8kdataset${made.ending}`);
  writeFileSync(file, made.content);
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
  context.setDefaultTimeout(240_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('request', (r) => r.isNavigationRequest() || complaints.push(`request ${r.url().slice(0, 80)}`));
  page.on('console', (m) => complaints.push(`console ${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => complaints.push(`error ${e.message}`));
  opened.push({ page, complaints });
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => window.__rps?.ready, undefined, { timeout: 240_000, polling: 20 });
  return { page, made };
}

/** How many pixels of the rate chart have about the color that style.css calls `name`. */
function inked(page: Page, name: string, chart = 'rate'): Promise<number> {
  return page.evaluate(
    ({ name, chart }) => {
      const css = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
      const rgb = [1, 3, 5].map((at) => Number.parseInt(css.slice(at, at + 2), 16));
      const canvas = document.querySelector(`#${chart} canvas`) as HTMLCanvasElement;
      const probe = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {
        willReadFrequently: true,
      })!;
      probe.drawImage(canvas, 0, 0);
      const { data } = probe.getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let i = 0; i < data.length; i += 4)
        if (rgb.every((c, k) => Math.abs(c - data[i + k]) < 12) && data[i + 3] > 200) found++;
      return found;
    },
    { name, chart },
  );
}

describe('the page of the expected rate', () => {
  it('shows the plan, its ramp and its law in four parts, and nothing that was sent', async () => {
    const { page, made } = await open({ requests: 2000, burstiness: 1, ramp: RAMP, sent: false });
    expect(made.ending).toBe('_rps_distribution_plot.html');
    const parts = await page.locator('header, .bar, main').allTextContents();
    const text = parts.join('\n');
    for (const part of [
      'Time vs RPS - Distribution',
      'Expected: RPS vs Request Count - Distribution',
      'Expected: Gamma Distribution (burstiness: 1)',
      'Legend Explanation',
      '50-point moving average',
      'Theoretical Ramp-up',
      '10 → 100 per second',
      '2,000',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('Actual');
    expect(await page.content()).not.toContain('secret');
    for (const [color, chart] of [
      ['average', 'rate'],
      ['ramp', 'rate'],
      ['counted', 'counts'],
      ['counted-gaps', 'gaps'],
    ])
      expect(await inked(page, color, chart), color).toBeGreaterThan(100);
  });
});

describe('the page with actual rates', () => {
  it('lays what was sent over the plan, and hides what stands out until asked', async () => {
    const { page, made } = await open({ requests: 2000, burstiness: 1 });
    expect(made.ending).toBe('_rps_distribution_plot_with_actual_rps.html');
    const { planned, sent, traces } = await page.evaluate(() => ({ ...window.__rps! }));
    expect([planned, sent]).toEqual([2000, 2000]);
    const gaps = made.expectedMs.map((ms, i) => ms - (i ? made.expectedMs[i - 1] : 0));
    const short = gaps.filter((ms) => ms < 1).length;
    expect(traces.find((t) => t.name === 'short')).toEqual(
      expect.objectContaining({ points: short, shown: false }),
    );
    expect(await inked(page, 'sent')).toBeGreaterThan(100);
    const before = await inked(page, 'odd');
    await page.locator('[data-trace="odd"]').click();
    await page.waitForFunction(() => window.__rps!.traces.find((t) => t.name === 'odd')!.shown);
    await expect.poll(() => inked(page, 'odd')).toBeGreaterThan(before + 50);
  });

  it('tells of the point under the cursor, zooms into a stretch of time and comes back', async () => {
    const { page, made } = await open({ requests: 500, requestsPerS: 10 });
    const area = (await page.locator('#rate .u-over').boundingBox())!;
    await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
    await expect
      .poll(() => page.locator('#rate-read').textContent())
      .toMatch(/^#2\d\d due at 2\d\.\d+ s: 100\.000 ms after the one before, 10 per second$/);
    const full = await page.evaluate(() => window.__rps!.xRange());
    expect(full[1]).toBeGreaterThan(made.expectedMs.at(-1)! / 1000);
    await page.mouse.down();
    await page.mouse.move(area.x + area.width * 0.75, area.y + 50, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => page.evaluate(() => window.__rps!.xRange()[0])).toBeGreaterThan(20);
    await page.locator('#reset').click();
    await expect.poll(() => page.evaluate(() => window.__rps!.xRange())).toEqual(full);
  });

  it('is complete and small with 100,000 requests', async () => {
    const { page, made } = await open({ requests: 100_000, requestsPerS: 500, burstiness: 0.5 });
    expect(made.content.length).toBeLessThan(1_500_000);
    expect(await page.evaluate(() => [window.__rps!.planned, window.__rps!.sent])).toEqual([
      100_000, 100_000,
    ]);
  });

  it.each(['light', 'dark'] as const)('fits a narrow screen (%s)', async (scheme) => {
    const { page } = await open({ requests: 1000, burstiness: 1, ramp: RAMP }, 420, scheme);
    const { wide, canvas } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      canvas: document.querySelector('#rate canvas')!.clientWidth,
    }));
    expect(wide).toBeLessThanOrEqual(420);
    expect(canvas).toBeGreaterThan(300);
    expect(await inked(page, 'average')).toBeGreaterThan(50);
  });

  it('saves what it shows as a picture', async () => {
    const { page } = await open({ requests: 500 });
    const waiting = page.waitForEvent('download');
    await page.locator('#save').click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('gsm8kdataset_rps_distribution_plot.png');
    const bytes = readFileSync(await download.path());
    expect(bytes.readUInt32BE(20)).toBeGreaterThan(900);
  });
});
