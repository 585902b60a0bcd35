/** Where the files of well-known text data sets lie, and which of their columns make a prompt. */
import type { PromptTemplate } from './text/prompt-template.ts';

export interface RowLayout {
  title: string;
  /** The usual place, a folder or the file itself. */
  path: string;
  /** Files to look for when the path is a folder, in this order; `{name}` is the subset. */
  files: readonly string[];
  /** Files that few-shot examples come from; none: the file that is sent. */
  exampleFiles: readonly string[];
  /** The data set consists of subsets, so that a task has to name one. */
  isNamed: boolean;
  /** The columns of a prompt, each with the names it may have in the file. */
  columns: Readonly<Record<string, readonly string[]>>;
  /** The column of the reference answer, which is never sent, except in examples. */
  answer: string;
  answerNames: readonly string[];
  template: PromptTemplate;
}

const same = (...names: string[]) => Object.fromEntries(names.map((name) => [name, [name]]));
const choices = 'A. {A}\nB. {B}\nC. {C}\nD. {D}';
const whole = { exampleFiles: [], isNamed: false } as const;

function aime(year: number, folder: string, file: string): RowLayout & { isNamed: false } {
  return {
    ...whole,
    title: `AIME ${year}`,
    path: `ais_bench/datasets/${folder}/${file}`,
    files: [file],
    columns: { question: ['question', 'origin_prompt', 'problem'] },
    answer: 'answer',
    answerNames: ['answer', 'gold_answer'],
    template: '{question}\nThink step by step and write the final answer inside \\boxed{}.',
  };
}

export const rowLayouts = {
  boolq: {
    ...whole,
    title: 'BoolQ',
    path: 'ais_bench/datasets/SuperGLUE/BoolQ/val.jsonl',
    files: ['val.jsonl'],
    columns: same('passage', 'question'),
    answer: 'label',
    answerNames: ['label'],
    template: '{passage}\n{question}',
  },
  ceval: {
    title: 'C-Eval',
    path: 'ais_bench/datasets/ceval/formal_ceval',
    files: ['val/{name}_val.csv'],
    exampleFiles: ['dev/{name}_dev.csv'],
    isNamed: true,
    columns: same('question', 'A', 'B', 'C', 'D'),
    answer: 'answer',
    answerNames: ['answer'],
    template: `{question}\n${choices}`,
  },
  cmmlu: {
    title: 'CMMLU',
    path: 'ais_bench/datasets/cmmlu',
    files: ['test/{name}.csv'],
    exampleFiles: ['dev/{name}.csv'],
    isNamed: true,
    columns: { question: ['question', 'Question'], ...same('A', 'B', 'C', 'D') },
    answer: 'answer',
    answerNames: ['answer', 'Answer'],
    template: `{question}\n${choices}`,
  },
  humaneval: {
    ...whole,
    title: 'HumanEval',
    path: 'ais_bench/datasets/humaneval/human-eval-v2-20210705.jsonl',
    files: ['human-eval-v2-20210705.jsonl', 'HumanEval.jsonl'],
    columns: same('prompt'),
    answer: 'canonical_solution',
    answerNames: ['canonical_solution'],
    template: '{prompt}',
  },
  aime2024: aime(2024, 'aime', 'aime.jsonl'),
  aime2025: aime(2025, 'aime2025', 'aime2025.jsonl'),
  aime2026: aime(2026, 'aime2026', 'aime2026.jsonl'),
  longbench: {
    title: 'LongBench',
    path: 'ais_bench/datasets/LongBench',
    files: ['data/{name}.jsonl', '{name}.jsonl'],
    exampleFiles: [],
    isNamed: true,
    columns: same('context', 'input'),
    answer: 'answers',
    answerNames: ['answers'],
    template: '{context}\n\n{input}',
  },
  longbenchv2: {
    ...whole,
    title: 'LongBench v2',
    path: 'ais_bench/datasets/LongBench-v2/data.json',
    files: ['data.json'],
    columns: same('context', 'question', 'choice_A', 'choice_B', 'choice_C', 'choice_D'),
    answer: 'answer',
    answerNames: ['answer'],
    template: '{context}\n\n{question}\nA. {choice_A}\nB. {choice_B}\nC. {choice_C}\nD. {choice_D}',
  },
} as const satisfies Record<string, RowLayout>;
