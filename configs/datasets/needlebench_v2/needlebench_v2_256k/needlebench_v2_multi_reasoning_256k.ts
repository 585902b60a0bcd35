// NeedleBench v2, texts of up to 256,000 tokens: 2 to 5 needles to put together, English and Chinese.
import { needlebenchTasks } from 'ais-bench';

const sizes = {
  size: '256k', // ending of the names of the result files
  lengths: [32000, 128000, 256000], // tokens of a prompt
  depths: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], // where the needle stands, in percent of the text
  buffer: 3000, // of these tokens, how many are kept free for the words around the text (in English)
};

export const needlebench_2needle_en_datasets = needlebenchTasks(2, 'en', sizes);
export const needlebench_3needle_en_datasets = needlebenchTasks(3, 'en', sizes);
export const needlebench_4needle_en_datasets = needlebenchTasks(4, 'en', sizes);
export const needlebench_5needle_en_datasets = needlebenchTasks(5, 'en', sizes);
export const needlebench_2needle_zh_datasets = needlebenchTasks(2, 'zh', sizes);
export const needlebench_3needle_zh_datasets = needlebenchTasks(3, 'zh', sizes);
export const needlebench_4needle_zh_datasets = needlebenchTasks(4, 'zh', sizes);
export const needlebench_5needle_zh_datasets = needlebenchTasks(5, 'zh', sizes);
