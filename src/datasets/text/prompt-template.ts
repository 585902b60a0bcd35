/** How a question becomes a prompt: with or without worked examples, as chat turns or as one text. */
import { z } from 'zod';
import type { ChatMessage } from '../../core/protocol.ts';
import { type WorkedExample, workedExamples } from './worked-examples.ts';

export const promptStyle = z.enum([
  '0_shot_cot_chat',
  '0_shot_cot_str',
  '0_shot_noncot_chat',
  '4_shot_cot_chat',
  '4_shot_cot_str',
  'bare',
]);
export const promptStyleMeaning =
  'Form of the prompt: with four worked examples or none, as chat turns or as one string; `bare` is the question alone.';
export type PromptStyle = z.infer<typeof promptStyle>;

/** The user's own prompt: one text or chat turns, with `{column}` where a row's text goes. */
export const promptTemplate = z.union([
  z.string().min(1),
  z
    .array(
      z.strictObject({
        role: z.string().min(1).describe('HUMAN, BOT, SYSTEM or TOOL, or the role as the service calls it.'),
        prompt: z.string().describe('The text of the turn, with `{column}` where the text of a row goes.'),
      }),
    )
    .min(1),
]);
export type PromptTemplate = z.infer<typeof promptTemplate>;

/** The original's names of the roles of a chat. */
const roles = new Map([
  ['HUMAN', 'user'],
  ['BOT', 'assistant'],
  ['SYSTEM', 'system'],
  ['TOOL', 'tool'],
]);

/** Puts a row's fields into the template. Braces that name no field stay, as in `\boxed{}`. */
export function fillTemplate(
  template: PromptTemplate,
  fields: Readonly<Record<string, unknown>>,
): string | ChatMessage[] {
  const fill = (text: string) =>
    text.replace(/\{([^{}\s]+)\}/g, (whole, name: string) =>
      Object.hasOwn(fields, name) ? fieldText(fields[name]) : whole,
    );
  if (typeof template === 'string') return fill(template);
  return template.map(({ role, prompt }) => ({ role: roles.get(role) ?? role, content: fill(prompt) }));
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '');
}

/** The columns that a template asks for. */
export function columnsOf(template: PromptTemplate): string[] {
  const texts = typeof template === 'string' ? [template] : template.map((turn) => turn.prompt);
  return texts.flatMap((text) => [...text.matchAll(/\{([^{}\s]+)\}/g)].map((match) => match[1]));
}

/**
 * The cues are our own words. Their lengths are part of the product: with Qwen3's tokenizer a prompt is as long
 * as that of AISBench's task of the same name, so that figures stay comparable.
 */
const stepsCue = 'Work it out step by step.';
const finalLine =
  'Solve the arithmetic problem below with care. Close your reply with one line of its own that reads "answer:" and then the number, without quotes.';
const reasoned = 'Reason it out step by step first.';

const ask = (question: string) => `Question: ${question}\n${stepsCue}`;
const instructed = (instructions: string, question: string) => `${instructions}\n\nQuestion: ${question}`;
const reply = (example: WorkedExample) => `${example.solution}\nThe answer is ${example.answer}.`;

/** The prompt for one question. `bare` is the question and nothing else. */
export function promptFor(question: string, style: PromptStyle): string | ChatMessage[] {
  switch (style) {
    case 'bare':
      return question;
    case '0_shot_cot_str':
      return `${ask(question)}\nAnswer:`;
    case '0_shot_noncot_chat':
      return [{ role: 'user', content: instructed(finalLine, question) }];
    case '0_shot_cot_chat':
      return [{ role: 'user', content: instructed(`${finalLine} ${reasoned}`, question) }];
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
