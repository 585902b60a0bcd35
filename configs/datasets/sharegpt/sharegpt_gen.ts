// ShareGPT: recorded conversations; the turns of each are sent one after the other. Use it with vllm_api_stream_chat_multiturn.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'sharegpt', // name of the result files
    type: 'sharegpt', // a JSON list of {id, conversations: [{from, value}]}
    path: 'ais_bench/datasets/sharegpt/ShareGPT_V3_unfiltered_cleaned_split.json', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    infer_mode: 'every', // 'every': the service's own answers in the history; 'every_with_gt': the recorded ones; 'last': only the last turn is sent, after the recorded ones
    disable_shuffle: true, // false: in an order that --seed fixes
    test_range: '', // conversations to use, e.g. '[0:100]'; empty: all
  },
]);
