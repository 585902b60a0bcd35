import { describe, expect, it } from 'vitest';
import type { DraftCounters } from '../core/spec-decode.ts';
import { draftFigures, readDraftCounters } from './spec-decode-figures.ts';

function counters(drafts: number, tokens: number, accepted: number, perPos: number[]): DraftCounters {
  return {
    num_drafts: drafts,
    num_draft_tokens: tokens,
    num_accepted_tokens: accepted,
    num_accepted_tokens_per_pos: Object.fromEntries(perPos.map((n, at) => [at, n])),
  };
}

describe('speculative decoding', () => {
  it('reads counters over engines and models, whatever stands in a label', () => {
    const text = [
      '# HELP vllm:spec_decode_num_drafts_total Number of drafts.',
      '# TYPE vllm:spec_decode_num_drafts_total counter',
      'vllm:spec_decode_num_drafts_total{engine="0",model_name="a } \\" b"} 7.0',
      'vllm:spec_decode_num_drafts_total{engine="1",model_name="a } \\" b"} 1.2e1 1700000000000',
      'vllm:spec_decode_num_drafts_created{engine="0"} 1.7e9',
      'vllm:spec_decode_num_draft_tokens_total 57',
      'vllm:spec_decode_num_accepted_tokens_total{engine="0"} NaN',
      'vllm:spec_decode_num_accepted_tokens_total{engine="1"} 9',
      'vllm:spec_decode_num_accepted_tokens_per_pos_total{engine="0",position="0"} 6',
      'vllm:spec_decode_num_accepted_tokens_per_pos_total{position="0",engine="1"} 2',
      'vllm:spec_decode_num_accepted_tokens_per_pos_total{engine="1",position="10"} 1\r',
      'vllm:num_requests_running{engine="0"} 3',
    ].join('\n');
    expect(readDraftCounters(text)).toEqual({
      ...counters(19, 57, 9, [8]),
      num_accepted_tokens_per_pos: { 0: 8, 10: 1 },
    });
    expect(readDraftCounters('vllm:num_requests_running{engine="0"} 3\n')).toBeNull();
    expect(readDraftCounters('<html>not metrics</html>')).toBeNull();
  });

  it('computes rate, length and positions from the counters of the original’s own example', () => {
    const read = draftFigures([
      {
        before: counters(100, 500, 300, [90, 80]),
        after: counters(15_520, 77_600, 50_415, [15_510, 13_958]),
      },
    ]);
    expect(read).toEqual({
      figures: {
        drafts: 15_420,
        draftTokens: 77_100,
        acceptedTokens: 50_115,
        acceptanceRate: 0.65,
        acceptanceLength: 4.25,
        perPosition: [
          { position: 0, rate: 1 },
          { position: 1, rate: 0.9 },
        ],
      },
    });
  });

  it('adds up parts, leaves out what was counted between them, and orders positions as numbers', () => {
    const twelve = Array.from({ length: 12 }, (_, at) => 12 - at);
    const nothing = counters(0, 0, 0, []);
    const read = draftFigures([
      { before: nothing, after: counters(12, 144, 78, twelve) },
      { before: counters(1000, 9000, 500, twelve), after: counters(1012, 9144, 500, twelve) },
    ]);
    if ('problem' in read) throw new Error(read.problem);
    expect(read.figures).toMatchObject({ drafts: 24, draftTokens: 288, acceptedTokens: 78 });
    expect(read.figures.perPosition.map((p) => p.position)).toEqual(twelve.map((_, at) => at));
    expect(read.figures.perPosition[11].rate).toBe(1 / 24);
  });

  it('says why there is nothing to compute', () => {
    const some = counters(5, 15, 9, [5]);
    expect(draftFigures([{ before: some, after: some }])).toEqual({
      problem: 'it drafted no token during the measured requests',
    });
    expect(draftFigures([{ before: some, after: counters(1, 3, 0, [0]) }])).toEqual({
      problem: 'its counters decreased during the run, so it was restarted',
    });
  });
});
