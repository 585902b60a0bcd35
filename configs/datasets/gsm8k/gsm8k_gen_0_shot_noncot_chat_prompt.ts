// GSM8K, 1,319 grade-school maths problems: the question and a cue to give the result only, as one chat turn.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'gsm8k', // name of the result files
    type: 'gsm8k', // a folder with test.jsonl
    path: '', // that folder; empty: gsm8k in AIS_BENCH_DATASETS_CACHE, else ais_bench/datasets/gsm8k
    prompt: '0_shot_noncot_chat', // the question and a cue to give the result only, as one chat turn
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
