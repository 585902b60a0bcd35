/** The next turn of a conversation, made when the one before it has ended. */

import type { Plan } from '../../core/plan.ts';
import { promptOfTurn, turnsOf } from '../../core/prompts/conversation.ts';
import { saltedPrompt } from '../../core/prompts/salted-prompt.ts';
import type { Protocol } from '../../core/protocol.ts';
import type { AttemptEnd } from '../wire/attempt-end.ts';
import { createFraming } from '../wire/http/request.ts';
import type { Job } from '../wire/job.ts';

/** The request that follows one that went well; null when it was the last of its conversation. */
export type NextTurn = (job: Job, end: AttemptEnd) => Job | null;

/** Undefined when the plan holds no conversations, so that other runs do not even ask. */
export function createNextTurn(plan: Plan, protocol: Protocol): NextTurn | undefined {
  const { conversations, target, salt } = plan;
  if (conversations === undefined) return undefined;
  const framed = createFraming(plan);
  return (job, end) => {
    const conversation = conversations[job.index % conversations.length];
    const turn = job.turn + 1;
    if (turn === turnsOf(conversation)) return null;
    const answers = [...(job.answers ?? []), end.answer ?? ''];
    const saltAttempt = job.saltAttempt ?? job.attempt;
    const request = { index: job.index, attempt: saltAttempt, measured: true };
    const first =
      salt && conversation.salt
        ? saltedPrompt(conversation.prompt, conversation.salt, salt, request)
        : conversation.prompt;
    const prompt = promptOfTurn({ ...conversation, prompt: first }, turn, answers);
    const { body } = protocol.encode({ ...conversation, prompt }, target);
    return {
      index: job.index,
      turn,
      attempt: 0,
      due: end.endMs,
      measured: true,
      answers,
      saltAttempt,
      bytes: framed(Buffer.from(body)),
    };
  };
}
