/** How a question becomes a prompt: with or without worked examples, as chat turns or as one text. */
import { z } from 'zod';
import type { ChatMessage } from '../core/protocol.ts';
import { type WorkedExample, workedExamples } from './worked-examples.ts';

export const promptStyle = z.enum([
  '0_shot_cot_chat',
  '0_shot_cot_str',
  '4_shot_cot_chat',
  '4_shot_cot_str',
  'bare',
]);
export type PromptStyle = z.infer<typeof promptStyle>;

const cue = 'Work it out step by step, then finish with "The answer is" and the number.';

const ask = (question: string) => `Question: ${question}\n${cue}`;
const reply = (example: WorkedExample) => `${example.solution}\nThe answer is ${example.answer}.`;

/** The prompt for one question. `bare` is the question and nothing else. */
export function promptFor(question: string, style: PromptStyle): string | ChatMessage[] {
  switch (style) {
    case 'bare':
      return question;
    case '0_shot_cot_str':
      return `${ask(question)}\nAnswer:`;
    case '0_shot_cot_chat':
      return [{ role: 'user', content: ask(question) }];
    case '4_shot_cot_str': {
      const shown = workedExamples.map((e) => `${ask(e.question)}\nAnswer: ${reply(e)}\n\n`);
      return `${shown.join('')}${ask(question)}\nAnswer:`;
    }
    case '4_shot_cot_chat':
      return [
        ...workedExamples.flatMap((e) => [
          { role: 'user', content: ask(e.question) },
          { role: 'assistant', content: reply(e) },
        ]),
        { role: 'user', content: ask(question) },
      ];
  }
}
