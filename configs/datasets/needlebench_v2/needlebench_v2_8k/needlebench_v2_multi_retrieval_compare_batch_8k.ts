// NeedleBench v2, texts of 5,000 to 8,000 tokens: 1 to 20 needles, to see what their number costs.
import { needlebenchTasks } from 'ais-bench';

/** So many places, evenly from the start of the text to its end; one alone stands at the start. */
const places = (count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor((100 * i) / Math.max(1, count - 1)));

const tasks = (language: 'en' | 'zh') =>
  [1, 5, 10, 15, 20].flatMap((count) =>
    needlebenchTasks('parallel', language, {
      size: `8k_batch${count}`, // ending of the names of the result files
      lengths: [5000, 6000, 7000, 8000], // tokens of a prompt
      depths: places(count), // where the needles stand, in percent of the text
      buffer: 1300, // of these tokens, how many are kept free for the words around the text (in English)
    }).map((task) => ({ ...task, num_repeats_per_file: 50 })),
  );

export const needlebench_en_datasets = tasks('en');
export const needlebench_zh_datasets = tasks('zh');
