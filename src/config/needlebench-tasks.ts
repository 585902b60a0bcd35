/** The tasks of NeedleBench v2: one for each length and place of the needle, under the original's names. */
import type { DatasetTask } from './dataset-task.ts';

/** How long the prompts of a set of tasks are, and where their needles stand. */
export interface NeedleBenchSizes {
  /** Ending of the names of the result files, such as `4k`. */
  size: string;
  /** Tokens of a prompt. */
  lengths: readonly number[];
  /** Places of the needle, in percent of the text. */
  depths: readonly number[];
  /** Of the tokens of an English prompt, how many are kept free for the words around the text. */
  buffer: number;
}

const languages = {
  en: { language: 'English', file_list: ['PaulGrahamEssays.jsonl'] },
  zh: { language: 'Chinese', file_list: ['zh_finance.jsonl'] },
} as const;
const CHINESE_BUFFER = 200;

/**
 * Tasks in one language.
 * @param kind `origin`: one needle; `parallel`: one at each depth, all of them asked for; a number: so many
 * needles that have to be put together.
 */
export function needlebenchTasks(
  kind: 'origin' | 'parallel' | number,
  language: keyof typeof languages,
  { size, lengths, depths, buffer }: NeedleBenchSizes,
): DatasetTask[] {
  const ending = (name: string) => `${name}_${language}_${size}`;
  return lengths.flatMap((length): DatasetTask[] => {
    const given = {
      ...languages[language],
      file_list: [...languages[language].file_list],
      length,
      length_buffer: language === 'en' ? buffer : CHINESE_BUFFER,
    };
    if (kind === 'parallel') {
      const abbr = `Length${length}_${ending('parallel')}`;
      const type = 'needlebench_parallel';
      return [{ ...given, abbr, type, depths: [...depths], num_repeats_per_file: 25 }];
    }
    return depths.map((depth) => {
      const place = `Length${length}Depth${depth}`;
      return kind === 'origin'
        ? { ...given, abbr: `${place}_${ending('origin')}`, type: 'needlebench_origin', depth }
        : {
            ...given,
            abbr: `${place}_${ending(`${kind}needle`)}`,
            type: 'needlebench_multi',
            depth,
            num_needles: kind,
          };
    });
  });
}
