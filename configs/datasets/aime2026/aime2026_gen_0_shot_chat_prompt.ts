// AIME 2026, 30 hard problems with long answers, as a chat.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'aime2026', // name of the result files
    type: 'aime2026', // the layout of its files
    path: 'ais_bench/datasets/aime2026/aime2026.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // Braces that name no column are sent as they are.
    template: [
      {
        role: 'HUMAN', // or SYSTEM, BOT
        // the text of this turn
        prompt: '{question}\nThink step by step and write the final answer inside \\boxed{}.',
      },
    ],
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
