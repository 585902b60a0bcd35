// MATH-500, competition problems in a file of the user's: the problem and a cue to box the result, as one chat turn.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'math_prm800k_500', // name of the result files
    type: 'custom', // a .jsonl or .csv file
    path: 'ais_bench/datasets/math', // its folder; a relative one starts at AIS_BENCH_DATASETS_CACHE, else the working directory
    file_name: 'test_prm800k_500.jsonl', // the file in it
    // {problem} is the text of that column.
    template: [
      {
        role: 'HUMAN', // the one turn
        prompt: '{problem}\nThink it through step by step and write the result inside \\boxed{}.', // our own words
      },
    ],
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
