import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_TOKENS } from '../core/records.ts';
import type { RunInfo } from '../core/run.ts';
import type { Summary, Timeline } from '../core/summary.ts';
import { DATA_PLACEHOLDER } from './page.ts';
import { plotReport } from './plot.ts';
import { decodeTimeline, encodeTimeline } from './plot-columns.ts';
import { documentSummary } from './summary.fixture.ts';

const usTimes = fc.option(fc.integer({ min: 0, max: 86_400_000_000 }), { nil: Number.NaN });
const tokenCounts = fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constant(UNKNOWN_TOKENS));
const rows = fc.array(
  fc.record({
    index: fc.nat(4_000_000_000),
    attempt: fc.nat(9),
    sent: fc.integer({ min: 0, max: 86_400_000_000 }),
    first: usTimes,
    last: usTimes,
    end: fc.integer({ min: 0, max: 90_000_000_000 }),
    outcome: fc.nat(5),
    inTokens: tokenCounts,
    outTokens: tokenCounts,
  }),
  { maxLength: 40 },
);

describe('the packed timeline', () => {
  it('comes back exact to 1 µs, with every gap, over 24 hours', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const ms = (us: number[]) => Float64Array.from(us, (value) => value / 1000);
        const timeline: Timeline = {
          count: list.length,
          index: Uint32Array.from(list, (r) => r.index),
          attempt: Uint16Array.from(list, (r) => r.attempt),
          sentMs: ms(list.map((r) => r.sent)),
          firstTokenMs: ms(list.map((r) => r.first)),
          lastTokenMs: ms(list.map((r) => r.last)),
          endMs: ms(list.map((r) => r.end)),
          outcome: Uint8Array.from(list, (r) => r.outcome),
          inTokens: Uint32Array.from(list, (r) => r.inTokens),
          outTokens: Uint32Array.from(list, (r) => r.outTokens),
        };
        const back = decodeTimeline(encodeTimeline(timeline), list.length);
        const tokens = (n: number) => (n === UNKNOWN_TOKENS ? Number.NaN : n);
        expect([...back.index]).toEqual(list.map((r) => r.index));
        expect([...back.attempt]).toEqual(list.map((r) => r.attempt));
        expect([...back.sentUs]).toEqual(list.map((r) => r.sent));
        expect([...back.firstTokenUs]).toEqual(list.map((r) => r.first));
        expect([...back.lastTokenUs]).toEqual(list.map((r) => r.last));
        expect([...back.endUs]).toEqual(list.map((r) => r.end));
        expect([...back.outcome]).toEqual(list.map((r) => r.outcome));
        expect([...back.inTokens]).toEqual(list.map((r) => tokens(r.inTokens)));
        expect([...back.outTokens]).toEqual(list.map((r) => tokens(r.outTokens)));
      }),
    );
  });

  it('says so when it is cut short', () => {
    expect(() => decodeTimeline(new Uint8Array([1, 1]), 1)).toThrow(RangeError);
  });
});

describe('the plot report', () => {
  const page = `<script id="data" type="application/json">${DATA_PLACEHOLDER}</script>`;
  const info = {
    tool: { name: 'ais_bench', version: '1' },
    modelAbbr: 'model',
    datasetAbbr: 'demo',
    model: '</script><script>alert("$&")</script>',
    url: 'https://me:secret@host:1/base/?key=secret#secret',
    batchSize: 1,
  } as RunInfo;
  const dataIn = (content: string | Uint8Array) =>
    JSON.parse(String(content).slice(page.indexOf(DATA_PLACEHOLDER), -'</script>'.length));
  const report = (summary: Summary) => plotReport(page)(summary, info, null);

  it('is one file whose data no text of the run can break out of', () => {
    const { ending, content } = report(documentSummary);
    expect(ending).toBe('_plot.html');
    expect(String(content).match(/<\/script/g)).toHaveLength(1);
    expect(dataIn(content).model).toBe(info.model);
    expect(report(documentSummary).content).toBe(content);
  });

  it('holds the whole timeline', () => {
    const data = dataIn(report(documentSummary).content);
    const { timeline } = documentSummary;
    const back = decodeTimeline(inflateRawSync(Buffer.from(data.timeline, 'base64')), data.count);
    expect(data.count).toBe(timeline.count);
    expect([...back.index]).toEqual([...timeline.index]);
  });

  it('keeps nothing of the URL that may be a secret', () => {
    const { content } = report(documentSummary);
    expect(dataIn(content).url).toBe('https://host:1/base/');
    expect(content).not.toContain('secret');
  });

  it('refuses a page that has no one place for the data', () => {
    expect(() => plotReport('<html></html>')(documentSummary, info, null)).toThrow('0 times');
    expect(() => plotReport(page + page)(documentSummary, info, null)).toThrow('2 times');
  });
});
