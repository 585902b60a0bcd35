import { describe, expect, it } from 'vitest';
import { runOf, workedExample } from '../analysis/run.fixture.ts';
import { defaultStats } from '../analysis/stats.ts';
import { summarize } from '../analysis/summarize.ts';
import { csv } from './csv.ts';
import { json } from './json.ts';
import { renderTables } from './tables.ts';

// The original's own output for six requests at batch_size 2, to the last digit.
const run = runOf(workedExample);
const assets = { plotTemplate: '' };
const summaryOf = (window: 'total' | 'stable_stage') =>
  summarize(run, {
    summarizer: 'example',
    window,
    rule: 'upstream',
    definitions: 'upstream',
    profile: 'default',
    statsList: defaultStats,
  });

describe('O21: the worked example of AISBench', () => {
  it('gives the total stage as csv', () => {
    expect(csv(summaryOf('total'), run.info, run.end, assets).content).toBe(
      `${[
        'Performance Parameters,Stage,Average,Min,Max,Median,P75,P90,P99,N',
        'E2EL,total,475.0 ms,300.0 ms,800.0 ms,425.0 ms,537.5 ms,675.0 ms,787.5 ms,6',
        'TTFT,total,191.7 ms,50.0 ms,300.0 ms,175.0 ms,275.0 ms,300.0 ms,300.0 ms,6',
        'TPOT,total,144.4 ms,0.0 ms,200.0 ms,158.3 ms,191.7 ms,200.0 ms,200.0 ms,5',
        'ITL,total,170.0 ms,100.0 ms,300.0 ms,150.0 ms,200.0 ms,300.0 ms,300.0 ms,5',
        'InputTokens,total,70.0,10.0,120.0,70.0,95.0,110.0,119.0,6',
        'OutputTokens,total,2.6667,1.0,4.0,3.0,3.0,3.5,3.95,6',
        'OutputTokenThroughput,total,5.6789 token/s,3.3333 token/s,8.5714 token/s,5.5844 token/s,5.9286 token/s,7.2857 token/s,8.4429 token/s,6',
        'PrefillTokenThroughput,total,672.2222 token/s,33.3333 token/s,2400.0 token/s,450.0 token/s,525.0 token/s,1466.6667 token/s,2306.6667 token/s,6',
      ].join('\n')}\n`,
    );
  });

  it('gives the total stage as json', () => {
    const content = json(summaryOf('total'), run.info, run.end, assets).content as string;
    expect(content.startsWith('{\n    "Benchmark Duration": {\n        "total": "1900.0 ms"\n    },')).toBe(
      true,
    );
    expect(JSON.parse(content)).toEqual({
      'Benchmark Duration': { total: '1900.0 ms' },
      'Total Requests': { total: 6 },
      'Failed Requests': { total: 0 },
      'Success Requests': { total: 6 },
      Concurrency: { total: 1.5 },
      'Max Concurrency': { total: 2 },
      'Request Throughput': { total: '3.1579 req/s' },
      'Total Input Tokens': { total: 420 },
      'Prefill Token Throughput': { total: '365.2174 token/s' },
      'Total generated tokens': { total: 16 },
      'Input Token Throughput': { total: '221.0526 token/s' },
      'Output Token Throughput': { total: '8.4211 token/s' },
      'Total Token Throughput': { total: '229.4737 token/s' },
      'Total Generated Tokens': { total: 16 },
    });
  });

  it('gives the stable stage as tables', () => {
    const summary = summaryOf('stable_stage');
    expect(summary.window).toMatchObject({ startMs: 10_550, endMs: 11_000 });
    const cells = renderTables(summary)
      .split('\n')
      .filter((line) => line.startsWith('│'))
      .map((line) =>
        line
          .split('│')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const row = (name: string) => cells.find((line) => line[0] === name);
    expect(row('E2EL')).toEqual([
      'E2EL',
      'stable',
      '333.3 ms',
      '300.0 ms',
      '350.0 ms',
      '350.0 ms',
      '350.0 ms',
      '350.0 ms',
      '350.0 ms',
      '3',
    ]);
    expect(row('TTFT')?.[2]).toBe('166.7 ms');
    expect([row('TPOT')?.[2], row('TPOT')?.[9]]).toEqual(['116.7 ms', '2']);
    expect([row('ITL')?.[2], row('ITL')?.[9]]).toEqual(['166.7 ms', '2']);
    const common = cells.slice(cells.findIndex((line) => line[0] === 'Common Metric') + 1);
    expect(common.map(([name, , value]) => `${name}: ${value}`)).toEqual([
      'Benchmark Duration: 450.0 ms',
      'Total Requests: 3',
      'Failed Requests: 0',
      'Success Requests: 3',
      'Concurrency: 2',
      'Max Concurrency: 2',
      'Request Throughput: 6.6667 req/s',
      'Total Input Tokens: 210',
      'Prefill Token Throughput: 420.0 token/s',
      'Total generated tokens: 6',
      'Input Token Throughput: 466.6667 token/s',
      'Output Token Throughput: 13.3333 token/s',
      'Total Token Throughput: 480.0 token/s',
    ]);
  });
});
