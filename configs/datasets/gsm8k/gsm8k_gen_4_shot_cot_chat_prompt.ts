// GSM8K, 1,319 grade-school maths problems: four worked examples as chat turns, then the question (about 1,500 tokens).
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'gsm8k', // name of the result files
    type: 'gsm8k', // a folder with test.jsonl
    path: '', // that folder; empty: gsm8k in AIS_BENCH_DATASETS_CACHE, else ais_bench/datasets/gsm8k
    prompt: '4_shot_cot_chat', // four worked examples as chat turns, then the question (about 1,500 tokens)
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
