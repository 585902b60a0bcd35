/** Every wire dialect the client speaks and the simulated service answers, by its name in configs and records. */
import type { Protocol } from '../core/protocol.ts';
import { mindie } from './mindie.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiCompletions } from './openai-completions.ts';
import { tgi } from './tgi.ts';
import { triton } from './triton.ts';
import { vita } from './vita.ts';

export const protocols = {
  openai_chat: openaiChat,
  openai_completions: openaiCompletions,
  tgi,
  triton,
  mindie,
  vita,
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof protocols;
