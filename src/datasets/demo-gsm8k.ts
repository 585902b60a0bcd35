/** Plug-in: twelve embedded problems of GSM8K's kind, so that a first run needs no download. */
import { z } from 'zod';
import type { DatasetType } from './dataset.ts';
import { demoProblems } from './demo-problems.ts';
import { promptFor, promptStyle, promptStyleMeaning } from './text/prompt-template.ts';

const options = z.strictObject({
  prompt: promptStyle.default('4_shot_cot_chat').describe(promptStyleMeaning),
});

/** Answers are written as in GSM8K: the solution, then `#### ` and the number. */
export const demoGsm8k: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ prompt }) {
    return demoProblems.map(({ question, solution, answer }, index) => ({
      id: String(index),
      prompt: promptFor(question, prompt),
      answer: `${solution}\n#### ${answer}`,
    }));
  },
};
