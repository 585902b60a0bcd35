// LongBench v2, 503 choices on contexts of 8 thousand to 2 million words.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'LongBenchv2', // name of the result files
    type: 'longbenchv2', // the layout of its files
    path: 'ais_bench/datasets/LongBench-v2/data.json', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    // Other columns, such as domain and length, may stand here too.
    template: '{context}\n\n{question}\nA. {choice_A}\nB. {choice_B}\nC. {choice_C}\nD. {choice_D}',
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
