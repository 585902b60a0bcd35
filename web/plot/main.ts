/** The request timeline's page: reads its data, builds the charts, connects the controls. */
import './style.css';
import type { PlotData } from '../../src/reporters/plot.ts';
import { type Chart, levelChart, requestChart, type Stage, throughputChart } from './charts.ts';
import { chooseLayout, connectControls } from './controls.ts';
import { drawingOf, followWindow } from './drawing.ts';
import { addGestures, addKeys } from './gestures.ts';
import { figuresOf, fillHeader, legendOf, runOrigin, runTitle } from './header.ts';
import { exposeHooks } from './hooks.ts';
import { addHover } from './hover.ts';
import { byRequest } from './layout.ts';
import { levelOf } from './level.ts';
import { loadRun, type Requests } from './load.ts';
import { plateauOf, plateauText } from './plateau.ts';
import { savePng } from './save-png.ts';
import { steadyOf } from './steady.ts';
import { readTheme } from './theme.ts';
import { createView } from './view.ts';

const element = (id: string) => document.getElementById(id) as HTMLElement;

async function start(): Promise<void> {
  const data: PlotData = JSON.parse(element('data').textContent ?? '');
  const requests = await loadRun(data);
  const stage = setStage(data, requests);
  const figures = figuresOf(data, requests, stage.steady);
  const legend = legendOf(requests, data.batchSize, stage.steady);
  fillHeader(data, figures, legend, element);

  const upper = requestChart(element('requests'), stage);
  const middle = showPlateau(stage);
  const lower = levelChart(element('level'), stage);
  const charts = [upper, ...middle, lower];
  const drawing = drawingOf(charts);
  const hover = addHover(upper, [...middle, lower], stage, element('tip'));
  stage.view.onChange(() => {
    hover.hide();
    drawing.request();
  });
  for (const chart of charts) {
    addGestures(chart.plot, stage.view, chart === upper);
    addKeys(chart.host, stage.view);
  }
  followWindow(charts, stage, drawing);

  const texts = figures.map(({ name, value, more }) => `${name} ${value}${more && ` (${more})`}`);
  const picture = { title: runTitle(data), origin: runOrigin(data), figures: texts.join('   '), legend };
  const fileName = `${data.dataset.replace(/[^\w.-]+/g, '_')}_plot.png`;
  connectControls(element, stage, () => savePng(charts, picture, stage.theme, fileName));
  drawing.now();
  exposeHooks(stage, [upper, lower], drawing);
}

/** The chart and the line of text about the plateau, when the run has one. */
function showPlateau(stage: Stage): Chart[] {
  if (!stage.plateau) return [];
  element('plateau').hidden = false;
  element('plateau').textContent = plateauText(stage.plateau);
  element('throughput').hidden = false;
  element('charts').classList.add('with-throughput');
  return [throughputChart(element('throughput'), stage, stage.plateau)];
}

function setStage(data: PlotData, requests: Requests): Stage {
  const steps = levelOf(requests);
  const stage: Stage = {
    requests,
    layout: byRequest(requests),
    steps,
    steady: steadyOf(data),
    plateau: plateauOf(data),
    theme: readTheme(),
    view: createView({ min: 0, max: requests.endsAt > 0 ? requests.endsAt * 1.01 : 1 }),
    batchSize: data.batchSize,
    levelY: { min: 0, max: levelTop(steps.max, data.batchSize) },
  };
  chooseLayout(stage, false);
  return stage;
}

/** Room for the curve, and for the configured maximum unless the run stayed far below it. */
function levelTop(highest: number, batchSize: number): number {
  return Math.max(1, highest, batchSize <= 2 * highest ? batchSize : 0) * 1.14;
}

start().catch((error: unknown) => {
  element('notice').hidden = false;
  element('notice').textContent = `This page could not read its data: ${String(error)}`;
  throw error;
});
