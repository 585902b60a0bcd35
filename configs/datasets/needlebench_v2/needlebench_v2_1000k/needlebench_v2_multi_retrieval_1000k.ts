// NeedleBench v2, texts of up to 1,000,000 tokens: a needle at every depth, all of them to find, English and Chinese.
import { needlebenchTasks } from 'ais-bench';

const sizes = {
  size: '1000k', // ending of the names of the result files
  lengths: [1000, 125000, 250000, 375000, 500000, 625000, 750000, 875000, 1000000], // tokens of a prompt
  depths: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], // where the needle stands, in percent of the text
  buffer: 3000, // of these tokens, how many are kept free for the words around the text (in English)
};

export const needlebench_en_datasets = needlebenchTasks('parallel', 'en', sizes);
export const needlebench_zh_datasets = needlebenchTasks('parallel', 'zh', sizes);
