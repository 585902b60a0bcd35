// LongBench, 21 sets of questions on texts of some thousand words, in English and Chinese.
import { defineDatasets } from 'ais-bench';

/** Take out what you do not need. */
const subsets = [
  'narrativeqa',
  'qasper',
  'multifieldqa_en',
  'multifieldqa_zh',
  'hotpotqa',
  '2wikimqa',
  'musique',
  'dureader',
  'gov_report',
  'qmsum',
  'multi_news',
  'vcsum',
  'trec',
  'triviaqa',
  'samsum',
  'lsht',
  'passage_count',
  'passage_retrieval_en',
  'passage_retrieval_zh',
  'lcc',
  'repobench-p',
];

export const longbenchTasks = (names: string[]) =>
  names.map((name) => ({
    abbr: `LongBench_${name}`, // name of the result files
    type: 'longbench' as const, // a folder with data/NAME.jsonl or NAME.jsonl
    path: 'ais_bench/datasets/LongBench', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    name, // the subset
    template: '{context}\n\n{input}', // the text and the task on it
    test_range: '', // rows of each subset to use, e.g. '[0:10]'; empty: all
  }));

export const datasets = defineDatasets(longbenchTasks(subsets));
