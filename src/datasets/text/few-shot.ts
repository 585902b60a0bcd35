/** Few-shot prompts: rows with their answers in front of the question, as the original's FixKRetriever puts them. */
import { messageText } from '../../core/prompts/message-text.ts';
import type { ChatMessage, Sample } from '../../core/protocol.ts';
import { fillTemplate, type PromptTemplate } from './prompt-template.ts';

/** The original's usual mark for the place of the examples. */
export const EXAMPLE_TOKEN = '</E>';

export interface FewShot {
  template: PromptTemplate;
  exampleTemplate: PromptTemplate;
  /** Where in the template the examples go; at its start when it is not there. */
  token: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The prompt for `question`, whose answer column is empty. A text template takes the examples as text, one
 * to a line; a chat template takes them as turns. A last turn of the model that comes out empty is left
 * out: there the service answers.
 */
export function withExamples(
  { template, exampleTemplate, token }: FewShot,
  examples: readonly Fields[],
  question: Fields,
): Sample['prompt'] {
  const bare = without(exampleTemplate, token);
  const shown = examples.map((example) => fillTemplate(bare, example));
  if (typeof template === 'string') {
    const text = shown.map((prompt) => `${textOf(prompt)}\n`).join('');
    const [before, ...after] = template.split(token);
    // Filled around the examples, so that braces inside them stay as they are.
    if (after.length === 0) return text + fillTemplate(before, question);
    return `${fillTemplate(before, question)}${text}${fillTemplate(after.join(''), question)}`;
  }
  const at = template.findIndex((turn) => turn.prompt.trim() === token);
  const head = at === -1 ? [] : template.slice(0, at);
  const tail = without(template.slice(at + 1), token);
  const turns = [
    ...turnsOf(fillTemplate(head, question)),
    ...shown.flatMap(turnsOf),
    ...turnsOf(fillTemplate(tail, question)),
  ];
  const last = turns.at(-1);
  const isOpen = last?.role === 'assistant' && textOf([last]).trim() === '';
  return isOpen ? turns.slice(0, -1) : turns;
}

/** The template without the token; a turn that holds nothing else goes. */
function without(template: PromptTemplate, token: string): PromptTemplate {
  if (typeof template === 'string') return template.replaceAll(token, '');
  return template
    .filter((turn) => turn.prompt.trim() !== token)
    .map((turn) => ({ ...turn, prompt: turn.prompt.replaceAll(token, '') }));
}

const turnsOf = (prompt: Sample['prompt']): ChatMessage[] =>
  typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;

const textOf = (prompt: Sample['prompt']): string =>
  typeof prompt === 'string' ? prompt : prompt.map(messageText).join('\n');
