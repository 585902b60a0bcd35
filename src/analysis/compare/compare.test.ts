import { describe, expect, it } from 'vitest';
import { renderComparison } from '../../reporters/comparison-text.ts';
import { info } from '../run.fixture.ts';
import { type CompareOptions, compareRuns } from './compare.ts';
import { measuredRun, steadyFigure, throughputRun } from './measured-run.fixture.ts';
import { differingSettings, settingsOf } from './settings.ts';

const options: CompareOptions = { gate: [], runSpread: 0.02, allowUnsteady: false };
const gate = [
  { metric: 'throughput', percent: 3 },
  { metric: 'ttft_p99', percent: 10 },
];

describe('compareRuns', () => {
  it('compares figure by figure, each in its own direction', () => {
    const of = (tokens: number, ttft: number, level: number) =>
      measuredRun([
        steadyFigure('Output Token Throughput', 'Mean', tokens, null),
        steadyFigure('Concurrency', 'Mean', level, null),
        steadyFigure('TTFT', 'P99', ttft, null),
      ]);
    const {
      figures,
      basis,
      gate: result,
    } = compareRuns(
      [of(100, 0.1, 8), of(101, 0.101, 8), of(99, 0.099, 8)],
      [of(90, 0.05, 8), of(91, 0.051, 8), of(89, 0.049, 8)],
      { ...options, gate },
    );
    expect(basis).toBe('both sides');
    expect(figures.map(({ name, finding, gate }) => [name, finding, gate])).toEqual([
      ['Output Token Throughput', 'worse', 'regression'],
      ['Concurrency', 'no change', null],
      ['TTFT', 'better', 'ok'],
    ]);
    expect(figures[0]).toMatchObject({ cliffsDelta: -1, marginPercent: 3, runsNeeded: null });
    expect(figures[0].ratio).toBeCloseTo(0.9, 3);
    expect(result).toBe('regression');
  });

  it('leaves out what is not known, not steady or not there, and a gate does not pass it', () => {
    const unsteady = {
      label: 'second',
      verdict: { throughput: 'steady', latency: 'not steady' },
      failed: { throughput: [], latency: ['drift: ttft 40 %'] },
    } as const;
    const figures = [
      steadyFigure('Output Token Throughput', 'Mean', 100, 0.01),
      { ...steadyFigure('E2EL', 'P99', 9, null), atLeast: true, refused: '2.0 % outlived the window' },
      steadyFigure('TTFT', 'Mean', 0.1, 0.01),
    ];
    const found = compareRuns(
      [measuredRun(figures)],
      [measuredRun(figures, { ...unsteady, failed: { throughput: [], latency: ['drift: ttft 40 %'] } })],
      { ...options, gate: [...gate, { metric: 'throughput', percent: 20 }] },
    );
    const why = Object.fromEntries(
      found.figures.map((figure) => [`${figure.name} ${figure.stat}`, figure.why]),
    );
    expect(why).toEqual({
      'Output Token Throughput Mean': '',
      'E2EL P99': 'not known in run: 2.0 % outlived the window',
      'TTFT Mean':
        'latency of second is not steady (drift: ttft 40 %): repeat the run, or use --allow unsteady',
      'TTFT P99': 'run has no such figure',
    });
    expect(found.figures.at(-1)).toMatchObject({ finding: 'not compared', gate: 'undecided' });
    expect(found.gate).toBe('undecided');
    const allowed = compareRuns(
      [measuredRun(figures)],
      [measuredRun(figures, { ...unsteady, failed: { throughput: [], latency: [] } })],
      {
        ...options,
        allowUnsteady: true,
      },
    );
    expect(allowed.figures.find(({ stat, name }) => name === 'TTFT' && stat === 'Mean')).toMatchObject({
      ratio: 1,
    });
  });

  it('says what single runs cannot show', () => {
    const { notes, figures } = compareRuns([throughputRun(100)], [throughputRun(98)], options);
    expect(notes[0]).toMatch(/A single run per side: .* assumed run-to-run variation of 2 %/);
    expect(figures[0]).toMatchObject({ finding: 'inconclusive', cliffsDelta: null });
    expect(figures[0].runsNeeded).toBeGreaterThan(1);
    expect(compareRuns([throughputRun(100, null)], [throughputRun(98)], options).figures[0].why).toMatch(
      /a single run per side, and one of them has no interval \(too short\)/,
    );
  });

  it('notes runs taken one side after the other, and other surroundings', () => {
    const at = (startedAtUnixMs: number, version = '1') =>
      measuredRun([], { startedAtUnixMs, surroundings: { 'version of this tool': version } });
    const apart = compareRuns([at(1), at(2)], [at(3), at(4, '2')], options).notes;
    expect(apart.join('\n')).toMatch(/before the other[\s\S]*differ in the version of this tool/);
    expect(compareRuns([at(1), at(4)], [at(2), at(3)], options).notes.join()).not.toMatch(
      /before the other|differ/,
    );
  });
});

describe('differingSettings', () => {
  const task = (maxOutTokens: number, generation: object) => ({
    tasks: [
      {
        model: { abbr: info.modelAbbr, maxOutTokens, generation },
        dataset: { abbr: info.datasetAbbr, testRange: '' },
      },
    ],
  });
  const run = (label: string, overrides: Partial<typeof info>) => ({
    label,
    settings: settingsOf({ ...info, ...overrides }, 'usage'),
  });

  it('names what differs with its values', () => {
    const rate = { kind: 'rate', requests: 9, limit: 2, requestsPerS: 5, burstiness: 1, seed: 0 } as const;
    const found = differingSettings([
      run('a', { config: task(16, { temperature: 0, top_p: 1 }) }),
      run('b', { config: task(32, { top_p: 1, temperature: 0 }), schedule: rate, batchSize: 4 }),
    ]);
    expect(found.map(({ setting, values }) => [setting, ...values.map(({ value }) => value)])).toEqual([
      ['batch_size', '2', '4'],
      ['load', 'closed loop', '5 requests/s, burstiness 1'],
      ['max_out_len', '16', '32'],
    ]);
  });

  it('is not about length, place and seed', () => {
    const longer = { kind: 'pressure', limit: 2, clientsPerS: 0, durationMs: 9000 } as const;
    expect(
      differingSettings([
        run('a', {}),
        run('b', { schedule: longer, seed: 7, url: 'http://other/', workers: 3 }),
      ]),
    ).toEqual([]);
  });
});

it('renderComparison fits into 80 columns and says what would decide', () => {
  const slow = { ...throughputRun(12_345.678), label: 'outputs/new' };
  const text = renderComparison(
    compareRuns([throughputRun(12_745.1)], [slow], { ...options, gate: [gate[0]] }),
  );
  const lines = text.split('\n');
  expect(lines[3]).toMatch(/│ Output tok\/s +│ 12745 +│ 12346 +│ -3.1 % \(-8.5 … \+2.6\) │ inconclusive │/);
  expect(lines.filter((line) => /[│╒]/.test(line)).every((line) => line.length <= 80)).toBe(true);
  expect(text).toMatch(/Inconclusive: Output tok\/s; about \d+ runs per side would decide\./);
  expect(text).toMatch(/Output tok\/s no worse than 3 %: undecided\nGate: undecided\.$/);
});
