// Your own questions on images, video or sound; needs a chat model task.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'mm_custom', // name of the result files
    type: 'mm_custom', // rows with type, path, question, and if you like answer and max_tokens
    path: 'ais_bench/datasets/mm_custom/mm_custom.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    mm_type: 'path', // 'path': the service reads the files itself; 'base64': they go along in the request
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
