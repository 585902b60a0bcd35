// C-Eval with five answered questions of the subject in front. With --merge-ds the 52 subjects are one task.
import { defineDatasets } from 'ais-bench';
import { subjects } from './ceval_gen_0_shot_str_perf.ts';

export const datasets = defineDatasets(
  subjects.map((name) => ({
    abbr: `ceval-${name}`, // name of the result files
    type: 'ceval', // a folder with val/NAME_val.csv and dev/NAME_dev.csv
    path: 'ais_bench/datasets/ceval/formal_ceval', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    name, // the subject
    // Examples go where </E> stands; {answer} is filled in for them only.
    template: '</E>{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n答案: {answer}',
    examples: [0, 1, 2, 3, 4], // rows of dev/NAME_dev.csv, from 0
    test_range: '', // rows of each subject to use, e.g. '[0:10]'; empty: all
  })),
);
