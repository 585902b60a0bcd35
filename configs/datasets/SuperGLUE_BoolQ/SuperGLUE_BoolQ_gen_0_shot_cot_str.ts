// BoolQ, 3,270 yes-or-no questions on a passage: to be thought through first.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'BoolQ', // name of the result files
    type: 'boolq', // the layout of its files
    path: 'ais_bench/datasets/SuperGLUE/BoolQ/val.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // The columns are passage, question and label.
    template:
      '{passage}\nQuestion: {question}\nA. Yes\nB. No\nThink step by step, then finish with "The answer is" and A or B.',
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
