/** What each request of a conversation holds. */
import type { ChatMessage, Sample } from '../protocol.ts';

type Conversation = Pick<Sample, 'prompt' | 'followUps'>;

/** How many requests a row of a data set comes to when all of them go well. */
export function turnsOf({ followUps = [] }: Conversation): number {
  return 1 + followUps.length;
}

/** A later turn holds what the service itself answered. */
export function usesAnswers({ followUps = [] }: Conversation): boolean {
  return followUps.some(({ answer }) => answer === undefined);
}

/**
 * The prompt of turn `turn` (the first is 0): everything said before, then what the user says in that turn.
 * @param answers What the service said in the turns before; a reference answer takes the place of each.
 */
export function promptOfTurn(
  { prompt, followUps = [] }: Conversation,
  turn: number,
  answers: readonly string[],
): Sample['prompt'] {
  if (turn === 0) return prompt;
  const messages: ChatMessage[] =
    typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : [...prompt];
  for (const [at, { answer, prompt: said }] of followUps.slice(0, turn).entries()) {
    messages.push({ role: 'assistant', content: answer ?? answers[at] ?? '' });
    messages.push({ role: 'user', content: said });
  }
  return messages;
}
