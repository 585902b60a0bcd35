// Embedded problems of GSM8K's kind, for a first run without a download: four worked examples as chat turns, then the question (about 1,500 tokens).
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'demo_gsm8k', // name of the result files
    type: 'demo_gsm8k', // comes with the program
    prompt: '4_shot_cot_chat', // four worked examples as chat turns, then the question (about 1,500 tokens)
    test_range: '[0:8]', // rows to use
  },
]);
