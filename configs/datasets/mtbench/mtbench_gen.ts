// MT-Bench: 80 questions with a follow-up each, sent one after the other. Use it with vllm_api_stream_chat_multiturn.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'mtbench', // name of the result files
    type: 'mtbench', // JSON Lines with question_id, prompt (a list of texts) and perhaps reference
    path: 'ais_bench/datasets/mtbench/question.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    infer_mode: 'every', // 'every': the service's own answers in the history; 'every_with_gt': the recorded ones; 'last': only the last turn is sent, after the recorded ones
    test_range: '', // conversations to use, e.g. '[0:100]'; empty: all
  },
]);
