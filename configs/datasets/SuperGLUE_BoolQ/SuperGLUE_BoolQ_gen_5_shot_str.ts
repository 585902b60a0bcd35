// BoolQ with five answered questions in front.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'BoolQ', // name of the result files
    type: 'boolq', // the layout of its files
    path: 'ais_bench/datasets/SuperGLUE/BoolQ/val.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // Examples go where </E> stands; {label} is filled in for them only.
    template: '</E>{passage}\nQuestion: {question}\nA. Yes\nB. No\nAnswer:{label}',
    examples: [0, 2, 4, 6, 8], // rows of the same file, from 0
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
