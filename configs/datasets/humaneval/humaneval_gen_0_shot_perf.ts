// HumanEval, 164 Python functions to complete: the code and nothing else.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'openai_humaneval', // name of the result files
    type: 'humaneval', // the layout of its files
    path: 'ais_bench/datasets/humaneval/human-eval-v2-20210705.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // The column prompt is the head of the function.
    template: '{prompt}',
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
