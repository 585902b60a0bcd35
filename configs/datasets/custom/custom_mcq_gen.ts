// Your own multiple-choice questions: options in the columns A, B, C …
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'custom', // name of the result files
    type: 'custom', // rows with question, and if you like answer, A, B, C … and max_tokens
    path: 'custom.jsonl', // .jsonl or .csv; relative to AIS_BENCH_DATASETS_CACHE or the working directory
    meta_path: '', // file with request_count, sampling_mode, output_config; empty: FILE.meta.json if there is one
    prompt: 'mcq', // also 'bare' (the question and nothing else) and 'auto' (see the first row)
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
