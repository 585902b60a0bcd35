// HumanEval, 164 Python functions to complete, each with the task in words.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'openai_humaneval', // name of the result files
    type: 'humaneval', // the layout of its files
    path: 'ais_bench/datasets/humaneval/human-eval-v2-20210705.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // The column prompt is the head of the function.
    template: 'Write the whole of this Python function:\n{prompt}',
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
