/** The words of a chat message: what a tokenizer or a service that knows only text can read of it. */
import type { ChatMessage } from '../protocol.ts';

/** Its text parts below one another; images and the like have none. */
export function messageText({ content }: Pick<ChatMessage, 'content'>): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
