import { describe, expect, it } from 'vitest';
import { fancyGrid } from './fancy-grid.ts';

describe('fancyGrid', () => {
  it('draws the search table of the document', () => {
    const config = '/your_workspace/ais_bench/benchmark/configs';
    const grid = fancyGrid(
      ['Task Type', 'Task Name', { header: 'Config File Path', minWidth: 131 }],
      [
        ['--models', 'vllm_api_stream_chat', `${config}/models/vllm_api/vllm_api_stream_chat.py`],
        [
          '--datasets',
          'demo_gsm8k_gen_4_shot_cot_chat_prompt',
          `${config}/datasets/demo/demo_gsm8k_gen_4_shot_cot_chat_prompt.py`,
        ],
        ['--summarizer', 'stable_stage', `${config}/summarizers/perf/stable_stage.py`],
      ],
    );
    expect(grid).toBe(searchTable);
  });

  it('makes room for a header two wider than its text, and for wide characters', () => {
    expect(fancyGrid(['ab', 'c'], [['模型', 'x']])).toBe(
      ['╒══════╤═════╕', '│ ab   │ c   │', '╞══════╪═════╡', '│ 模型 │ x   │', '╘══════╧═════╛'].join('\n'),
    );
  });

  it('draws a table without rows', () => {
    expect(fancyGrid(['a'], [])).toBe(['╒═════╕', '│ a   │', '╞═════╡', '╘═════╛'].join('\n'));
  });
});

const searchTable = `
╒══════════════╤═══════════════════════════════════════╤═════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════╕
│ Task Type    │ Task Name                             │ Config File Path                                                                                                                    │
╞══════════════╪═══════════════════════════════════════╪═════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════╡
│ --models     │ vllm_api_stream_chat                  │ /your_workspace/ais_bench/benchmark/configs/models/vllm_api/vllm_api_stream_chat.py                                                 │
├──────────────┼───────────────────────────────────────┼─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┤
│ --datasets   │ demo_gsm8k_gen_4_shot_cot_chat_prompt │ /your_workspace/ais_bench/benchmark/configs/datasets/demo/demo_gsm8k_gen_4_shot_cot_chat_prompt.py                                  │
├──────────────┼───────────────────────────────────────┼─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┤
│ --summarizer │ stable_stage                          │ /your_workspace/ais_bench/benchmark/configs/summarizers/perf/stable_stage.py                                                        │
╘══════════════╧═══════════════════════════════════════╧═════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════╛
`.trim();
