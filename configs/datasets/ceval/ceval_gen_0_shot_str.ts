// C-Eval, questions with four choices in 52 subjects: with the four choices. With --merge-ds they are one task.
import { defineDatasets } from 'ais-bench';
import { subjects } from './ceval_gen_0_shot_str_perf.ts';

export const datasets = defineDatasets(
  subjects.map((name) => ({
    abbr: `ceval-${name}`, // name of the result files
    type: 'ceval', // a folder with val/NAME_val.csv
    path: 'ais_bench/datasets/ceval/formal_ceval', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    name, // the subject
    // The columns are question, A, B, C, D and answer.
    template: '{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n答案: ',
    test_range: '', // rows of each subject to use, e.g. '[0:10]'; empty: all
  })),
);
