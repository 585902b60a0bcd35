/** A recorded conversation as a sample: who is asked what, and whose answers stand in the history. */
import { z } from 'zod';
import type { ChatMessage, Sample } from '../core/protocol.ts';

export interface Pair {
  question: string;
  /** The recorded reply; '' when there is none. */
  answer: string;
}

export const inferMode = z
  .enum(['every', 'every_with_gt', 'last'], 'expected "every", "every_with_gt" or "last"')
  .default('every')
  .describe(
    "How a conversation is sent: `every` turn with the service's own answers before it (default), `every_with_gt` with the recorded ones, `last` only the last turn with the recorded ones.",
  );

/** At least one pair. The answer to the last turn is kept as the reference; it is never sent. */
export function conversationSample(
  id: string,
  pairs: readonly Pair[],
  mode: z.output<typeof inferMode>,
): Sample {
  const [first, ...later] = pairs;
  const { answer } = pairs[pairs.length - 1];
  if (mode === 'last') return { id, prompt: historyOf(pairs), answer };
  const followUps = later.map(({ question: prompt }, at) =>
    mode === 'every' ? { prompt } : { answer: pairs[at].answer, prompt },
  );
  return { id, prompt: [{ role: 'user', content: first.question }], followUps, answer };
}

function historyOf(pairs: readonly Pair[]): ChatMessage[] {
  const messages = pairs.flatMap(({ question, answer }) => [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ]);
  return messages.slice(0, -1);
}
