// CMMLU with five answered questions of the subject in front. With --merge-ds the subjects are one task.
import { defineDatasets } from 'ais-bench';
import { subjects } from './cmmlu_gen_0_shot_cot_chat_prompt.ts';

const question = '{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n请先逐步思考，最后一行写出“答案：”和所选字母。';

export const datasets = defineDatasets(
  subjects.map((name) => ({
    abbr: `cmmlu-${name}`, // name of the result files
    type: 'cmmlu', // a folder with test/NAME.csv and dev/NAME.csv
    path: 'ais_bench/datasets/cmmlu', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    name, // the subject
    // Examples go where </E> stands; {answer} is filled in for them only.
    template: [
      { role: 'HUMAN', prompt: '</E>' }, // the place of the examples
      { role: 'HUMAN', prompt: question }, // the question
      { role: 'BOT', prompt: '{answer}' }, // where the service answers
    ],
    examples: [0, 1, 2, 3, 4], // rows of dev/NAME.csv, from 0
    test_range: '', // rows of each subject to use, e.g. '[0:10]'; empty: all
  })),
);
