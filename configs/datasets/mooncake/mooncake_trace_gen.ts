// A recorded trace in Mooncake's format: real arrival times, lengths and shared prefixes. Set use_timestamp: true in the model task to send at its times.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'mooncake_trace', // name of the result files
    type: 'mooncake_trace', // rows with timestamp (ms), input_length, output_length, hash_ids
    path: 'ais_bench/datasets/mooncake_trace.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    random_seed: null, // fixes the prompts' text; null: the run's --seed
    fixed_schedule_auto_offset: false, // true: the earliest time stamp becomes 0
    fixed_schedule_start_offset: 0, // rows before this time are left out, ms
    fixed_schedule_end_offset: -1, // rows after this time are left out, ms; -1: none
    speed_factor: 1, // so many times faster than recorded, e.g. 10
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
