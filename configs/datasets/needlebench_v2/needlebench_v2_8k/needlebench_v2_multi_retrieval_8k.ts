// NeedleBench v2, texts of up to 8,000 tokens: a needle at every depth, all of them to find, English and Chinese.
import { needlebenchTasks } from 'ais-bench';

const sizes = {
  size: '8k', // ending of the names of the result files
  lengths: [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000], // tokens of a prompt
  depths: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], // where the needle stands, in percent of the text
  buffer: 500, // of these tokens, how many are kept free for the words around the text (in English)
};

export const needlebench_en_datasets = needlebenchTasks('parallel', 'en', sizes);
export const needlebench_zh_datasets = needlebenchTasks('parallel', 'zh', sizes);
