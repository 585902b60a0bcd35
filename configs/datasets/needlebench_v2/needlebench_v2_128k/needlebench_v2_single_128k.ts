// NeedleBench v2, texts of up to 128,000 tokens: one needle in each, English and Chinese.
import { needlebenchTasks } from 'ais-bench';

const sizes = {
  size: '128k', // ending of the names of the result files
  lengths: [1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000], // tokens of a prompt
  depths: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], // where the needle stands, in percent of the text
  buffer: 3000, // of these tokens, how many are kept free for the words around the text (in English)
};

export const needlebench_en_datasets = needlebenchTasks('origin', 'en', sizes);
export const needlebench_zh_datasets = needlebenchTasks('origin', 'zh', sizes);
