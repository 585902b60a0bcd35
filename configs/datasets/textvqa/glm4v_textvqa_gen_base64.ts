// TextVQA, questions on texts in photographs, sent with the images themselves, as for any model; needs a chat model task.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'textvqa', // name of the result files
    type: 'textvqa', // rows with image, question and question_id
    path: 'ais_bench/datasets/textvqa/textvqa_json/textvqa_val.jsonl', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    image_type: 'image_base64', // 'image_path': the service reads the files itself; 'image_base64': they go along
    template: '{question}\nAnswer in a word or two.', // the text that follows the image
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
