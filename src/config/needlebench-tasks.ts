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

/** Places of the needle in the packaged tasks, in percent of the text. */
const DEPTHS = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/** Tokens of the prompts of each packaged set of tasks, and how many of them are kept free. */
const sets = {
  '4k': { lengths: [1000, 2000, 3000, 4000], buffer: 500 },
  '8k': { lengths: [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000], buffer: 500 },
  '32k': { lengths: [1000, 4000, 8000, 12_000, 16_000, 20_000, 24_000, 28_000, 32_000], buffer: 3000 },
  '128k': { lengths: [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000], buffer: 3000 },
  '200k': {
    lengths: [1000, 25_000, 50_000, 75_000, 100_000, 125_000, 150_000, 175_000, 200_000],
    buffer: 3000,
  },
  '256k': { lengths: [32_000, 128_000, 256_000], buffer: 3000 },
  '1000k': {
    lengths: [1000, 125_000, 250_000, 375_000, 500_000, 625_000, 750_000, 875_000, 1_000_000],
    buffer: 3000,
  },
} as const;

/** The packaged sets: `4k` has prompts of up to 4,000 tokens. */
export type NeedleBenchSet = keyof typeof sets;

type Language = keyof typeof languages;

/** The tasks of a set, by what is asked for. */
export interface NeedleBench {
  /** One needle in each prompt. */
  single(language: Language): DatasetTask[];
  /** A needle at every depth, all of them to find. */
  multiRetrieval(language: Language): DatasetTask[];
  /** So many needles to put together. */
  multiReasoning(needles: number, language: Language): DatasetTask[];
  /** All of these in both languages, with 2 to 5 needles. */
  all(): DatasetTask[];
}

/** A packaged set of NeedleBench tasks. @param changes What is to be other than in the set, such as `lengths`. */
export function needlebench(set: NeedleBenchSet, changes: Partial<NeedleBenchSizes> = {}): NeedleBench {
  const sizes: NeedleBenchSizes = { size: set, depths: DEPTHS, ...sets[set], ...changes };
  const single = (language: Language) => needlebenchTasks('origin', language, sizes);
  const multiRetrieval = (language: Language) => needlebenchTasks('parallel', language, sizes);
  const multiReasoning = (needles: number, language: Language) => needlebenchTasks(needles, language, sizes);
  return {
    single,
    multiRetrieval,
    multiReasoning,
    all: () =>
      (['en', 'zh'] as const).flatMap((language) => [
        ...[2, 3, 4, 5].flatMap((needles) => multiReasoning(needles, language)),
        ...single(language),
        ...multiRetrieval(language),
      ]),
  };
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
  language: Language,
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
