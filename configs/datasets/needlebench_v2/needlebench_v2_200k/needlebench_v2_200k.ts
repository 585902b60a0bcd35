// NeedleBench v2, texts of up to 200,000 tokens: one needle, several, and several to put together.
import { needlebenchTasks } from 'ais-bench';

const sizes = {
  size: '200k', // ending of the names of the result files
  lengths: [1000, 25000, 50000, 75000, 100000, 125000, 150000, 175000, 200000], // tokens of a prompt
  depths: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], // where the needle stands, in percent of the text
  buffer: 3000, // of these tokens, how many are kept free for the words around the text (in English)
};

export const needlebench_datasets = (['en', 'zh'] as const).flatMap((language) => [
  ...[2, 3, 4, 5].flatMap((needles) => needlebenchTasks(needles, language, sizes)),
  ...needlebenchTasks('origin', language, sizes),
  ...needlebenchTasks('parallel', language, sizes),
]);
