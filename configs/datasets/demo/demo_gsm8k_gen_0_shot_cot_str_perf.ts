// Embedded problems of GSM8K's kind, for a first run without a download: the question and nothing else.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'demo_gsm8k', // name of the result files
    type: 'demo_gsm8k', // comes with the program
    prompt: 'bare', // the question and nothing else
    test_range: '[0:8]', // rows to use
  },
]);
