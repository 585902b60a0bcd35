import { describe, expect, it } from 'vitest';
import type { Ramp } from '../core/plan.ts';
import type { EventKind, PlainRecord } from '../core/records.ts';
import type { Summary } from '../core/summary.ts';
import { summarizeOptions as options, runEnd, runOf, spanning, streamed } from './run.fixture.ts';
import { type SummarizeOptions, summarize } from './summarize.ts';

const stable: SummarizeOptions = { ...options, window: 'stable_stage' };
const row = (summary: Summary, name: string) => summary.perRequest.find((r) => r.name === name);
const common = (summary: Summary) => Object.fromEntries(summary.common.map((m) => [m.name, m.value]));

describe('definitions', () => {
  const events: [number, EventKind][] = [
    [1, 'role'],
    [100, 'reasoning'],
    [110, 'comment'],
    [140, 'text'],
    [160, 'finish'],
    [300, 'usage'],
    [301, 'done'],
  ];
  const run = runOf([{ index: 0, sent: 0, end: 302, inTokens: 10, outTokens: 3, events }]);

  it('counts generated output only', () => {
    const summary = summarize(run, options);
    expect(row(summary, 'TTFT')?.stats[0].value).toBe(0.1);
    expect(row(summary, 'E2EL')?.stats[0].value).toBe(0.14);
    expect(row(summary, 'TPOT')?.stats[0].value).toBe(0.02);
    expect(row(summary, 'ITL')).toMatchObject({ n: 1, stats: [{ value: 0.04 }, { value: 0.04 }] });
    expect(row(summary, 'PrefillTokenThroughput')?.stats[0].value).toBeCloseTo(100, 9);
    expect(common(summary)['Benchmark Duration']).toBe(0.302);
    expect(summary.timeline.firstTokenMs[0]).toBe(100);
  });

  it('counts every event but comments and the end mark upstream', () => {
    const summary = summarize(run, { ...options, definitions: 'upstream' });
    expect(row(summary, 'TTFT')?.stats[0].value).toBe(0.001);
    expect(row(summary, 'E2EL')?.stats[0].value).toBe(0.3);
    expect(row(summary, 'TPOT')?.stats[0].value).toBeCloseTo(0.1495, 12);
    expect(row(summary, 'ITL')?.stats.map((s) => s.value)).toEqual([0.074_75, 0.14]);
    expect(common(summary)['Benchmark Duration']).toBe(0.3);
  });
});

describe('what contributes to a row', () => {
  it('leaves a request of one token out of TPOT and ITL, and out of their N', () => {
    const summary = summarize(runOf([streamed(0, [0, 1, 2, 3], 3, 1), streamed(1, [0, 1], 1, 1)]), options);
    expect(row(summary, 'TPOT')).toMatchObject({ n: 1, stats: [{ value: 1 }, { value: 1 }] });
    expect(row(summary, 'ITL')).toMatchObject({ n: 1 });
    expect(row(summary, 'TTFT')).toMatchObject({ n: 2 });
  });

  it('leaves empty answers out of every latency, and says how many there were', () => {
    const answer = { index: 0, sent: 5, end: 9, inTokens: 1, outTokens: 1 };
    const empty = { ...answer, index: 1, outTokens: 0, end: 90, events: [] };
    const summary = summarize(runOf([{ ...answer, events: [[7, 'text']] }, empty]), options);
    expect(row(summary, 'E2EL')).toMatchObject({ n: 1, stats: [{ value: 0.002 }, { value: 0.002 }] });
    expect(row(summary, 'OutputTokens')).toMatchObject({ n: 2 });
    expect(common(summary)['Success Requests']).toBe(2);
    expect(summary.notes.join()).toMatch(/1 of 2 requests got an empty answer/);
  });

  it('names the field of output that no field known to it holds', () => {
    const note = { unknownField: 'choices[0].delta.thoughts' };
    const summary = summarize(runOf([{ index: 0, sent: 0, end: 9, events: [[5, 'text']], note }]), options);
    expect(summary.notes.join()).toMatch(/1 of 1 requests had output in choices\[0\]\.delta\.thoughts/);
  });

  it('names several such fields in one note, the most frequent ones', () => {
    const fields = ['a', 'b', 'b', 'c', 'd', 'e'];
    const records = fields.map((unknownField, index): PlainRecord => {
      return { index, sent: 0, end: 9, events: [[5, 'text']], note: { unknownField } };
    });
    const notes = summarize(runOf(records), options).notes.filter((note) => note.includes('had output in'));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^6 of 6 requests had output in b, a, c and 2 more,/);
  });

  it('takes the end of the response for E2EL of a success whose events are not known', () => {
    const summary = summarize(
      runOf([{ index: 0, sent: 5, end: 9, inTokens: 1, outTokens: 2, events: [] }]),
      options,
    );
    expect(row(summary, 'E2EL')).toMatchObject({ n: 1, stats: [{ value: 0.004 }, { value: 0.004 }] });
    expect(row(summary, 'TTFT')).toBeUndefined();
    expect(summary.timeline.lastTokenMs[0]).toBeNaN();
  });

  it('leaves requests nobody has counted out of token rows, and says so', () => {
    const uncounted: PlainRecord = { index: 1, sent: 0, end: 2, events: [[1, 'text']] };
    const summary = summarize(runOf([spanning(0, 0, 1), uncounted]), options);
    expect(row(summary, 'OutputTokens')).toMatchObject({ n: 1 });
    expect(common(summary)['Total generated tokens']).toBe(1);
    expect(summary.notes.join()).toMatch(/1 of 2 successful requests have no token count/);
    expect(summary.tokenSources).toMatchObject({ usage: 1, unknown: 1 });
  });

  it('has no first-token rows when the run did not stream', () => {
    const summary = summarize(runOf([spanning(0, 0, 1)], { stream: false }), options);
    expect(summary.perRequest.map((r) => r.name)).toEqual([
      'E2EL',
      'InputTokens',
      'OutputTokens',
      'OutputTokenThroughput',
    ]);
    expect(common(summary)).not.toHaveProperty('Prefill Token Throughput');
  });
});

describe('failures and retries', () => {
  const lost: PlainRecord = { index: 1, sent: 0, end: 4000, outcome: 'timeout', events: [[500, 'text']] };
  const again: PlainRecord = { ...spanning(1, 4, 5), attempt: 1, due: 0 };
  const run = runOf([spanning(0, 0, 5), lost, again]);

  it('count, take their time, and have no latency', () => {
    const summary = summarize(run, options);
    expect(common(summary)).toMatchObject({
      'Total Requests': 3,
      'Failed Requests': 1,
      'Success Requests': 2,
      Concurrency: 2,
      'Request Throughput': 0.4,
    });
    expect(row(summary, 'E2EL')).toMatchObject({ n: 2, stats: [{ value: 3 }, { value: 5 }] });
    expect(summary.outcomes).toMatchObject({ ok: 2, timeout: 1 });
    expect(summary).toMatchObject({ maxLevel: 2, meanLevel: 2 });
    expect(summary.notes).toEqual([
      '1 of 3 requests of the run failed (timeout 1).',
      '1 of 3 requests are retries, which count as requests of their own.',
    ]);
  });

  it('show in the latencies counted from due', () => {
    expect(summarize(run, options).fromDue.map((r) => [r.name, r.stats[1].value])).toEqual([
      ['E2EL', 5],
      ['TTFT', 5],
    ]);
    const late = (lateness: number) => runOf([{ ...spanning(0, 1, 2), due: 1000 - lateness }]);
    expect(summarize(late(9), options).fromDue).toEqual([]);
    expect(summarize(late(11), options).fromDue).toHaveLength(2);
  });
});

describe('the steady stage', () => {
  it('shows Concurrency at most at Max Concurrency and says what it hides', () => {
    const closed = runOf(
      [spanning(0, 0, 1), spanning(1, 0.5, 1.6), spanning(2, 1.01, 2.5), spanning(3, 1.6, 9)],
      { batchSize: 2 },
    );
    const capped = summarize(closed, stable);
    expect(common(capped)).toMatchObject({ Concurrency: 2, 'Max Concurrency': 2, 'Total Requests': 2 });
    expect(capped.meanLevel).toBeCloseTo(2, 9);
    expect(capped.notes[0]).toMatch(/Computed concurrency was 5\.97 \(shown as 2\)/);
    expect(capped.notes[1]).toMatch(/longest request took 7\.400 s/);
  });

  it('falls back to the total stage with the reason when there is none', () => {
    const summary = summarize(runOf([spanning(0, 0, 1)], { batchSize: 3 }), stable);
    expect(summary).toMatchObject({ stage: 'total', window: { startMs: 0, endMs: 1000 } });
    expect(summary.noWindow).toMatchObject({ highestLevel: 1, highestAtMs: 0 });
    expect(common(summary)['Total Requests']).toBe(1);
  });
});

describe('runs that did not go well', () => {
  it('summarizes an empty run without numbers', () => {
    expect(summarize(runOf([]), stable)).toMatchObject({
      window: null,
      perRequest: [],
      common: [],
      meanLevel: null,
    });
  });

  it('summarizes a run in which everything failed', () => {
    const dead: PlainRecord = { index: 0, sent: 1, end: 1, outcome: 'network', events: [] };
    const summary = summarize(runOf([dead]), options);
    expect(summary.perRequest).toEqual([]);
    expect(common(summary)).toMatchObject({
      'Total Requests': 1,
      'Failed Requests': 1,
      'Benchmark Duration': 0,
    });
    expect(common(summary)['Request Throughput']).toBeNaN();
    expect(summarize(runOf([dead]), { ...options, definitions: 'upstream' }).window).toBeNull();
  });

  it('says that a run was killed, interrupted, or never had all its clients', () => {
    const records = [spanning(0, 0, 1)];
    const noteOf = (end: typeof runEnd | null) => summarize(runOf(records, {}, 1, end), options).notes[0];
    expect(noteOf(null)).toMatch(/killed/);
    expect(noteOf({ ...runEnd, interrupted: true })).toMatch(/interrupted/);
    expect(noteOf({ ...runEnd, slotsOpened: 1 })).toMatch(/Only 1 of 2 clients/);
  });

  it('advises to raise what says how fast clients are added', () => {
    const pressure = { kind: 'pressure', limit: 2, clientsPerS: 1, durationMs: 1000 } as const;
    const adviceOf = (traffic?: { burstiness: number; ramp?: Ramp }) =>
      summarize(
        runOf([spanning(0, 0, 1)], { schedule: { ...pressure, ...(traffic && { traffic }) } }, 1, {
          ...runEnd,
          slotsOpened: 1,
        }),
        options,
      ).notes[0];
    for (const traffic of [undefined, { burstiness: 1 }]) {
      expect(adviceOf(traffic)).toMatch(/Raise request_rate, WORKERS_NUM, or --pressure-time/);
    }
    const ramp: Ramp = { strategy: 'linear', startRps: 1, endRps: 2 };
    expect(adviceOf({ burstiness: 0, ramp })).toMatch(
      /Raise ramp_up_start_rps and ramp_up_end_rps of traffic_cfg, WORKERS_NUM, or --pressure-time/,
    );
  });
});
