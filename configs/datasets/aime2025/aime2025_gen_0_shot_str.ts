// AIME 2025, 30 hard problems with long answers, as one text.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'aime2025', // name of the result files
    type: 'aime2025', // the layout of its files
    path: 'ais_bench/datasets/aime2025/aime2025.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // Braces that name no column are sent as they are.
    template: '{question}\nThink step by step and write the final answer inside \\boxed{}.',
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
