// The ancestral trace challenge of NeedleBench v2: families of 3 to 513 people, in sentences without order.
import { defineDatasets } from 'ais-bench';

export const needlebench_datasets = defineDatasets(
  [2, 4, 8, 16, 32, 64, 128, 256, 512].map((needles) => ({
    abbr: `NeedleBenchATCDataset-${needles}Needle-EN`, // name of the result files
    type: 'needlebench_atc', // a folder with names.json
    path: 'ais_bench/datasets/NeedleBench', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    num_needles: needles, // sentences about the family
    language: 'English', // or Chinese
    repeats: 10, // prompts of each of four kinds of question
  })),
);
