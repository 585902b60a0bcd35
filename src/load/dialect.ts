/** How the worker reads what its service says: the wire dialect, and the run's choices about it. */
import type { Delta, Protocol } from '../core/protocol.ts';
import type { EventKind } from '../core/records.ts';
import { newTemplate, type OutputTemplate } from './sse-template.ts';

/** What the exchanges of one worker share. */
export interface Dialect {
  protocol: Protocol;
  stream: boolean;
  keepText: boolean;
  /** Never to be recorded, even where a service quotes it in an error; '' when there is none. */
  secret: string;
  /** Shapes of output events seen so far; empty when every event is to be parsed. */
  templates: OutputTemplate[];
}

export function createDialect(
  protocol: Protocol,
  options: { stream: boolean; keepText: boolean; verify: boolean; secret?: string },
): Dialect {
  const { stream, keepText, verify, secret = '' } = options;
  const templates = verify ? [] : protocol.outputKeys.map(({ key, kind }) => newTemplate(key, kind));
  return { protocol, stream, keepText, secret, templates };
}

/** The one kind under which an event is recorded, whatever else it says. */
export function kindOf(delta: Delta): EventKind {
  if (delta.error !== undefined) return 'error';
  if (delta.text) return 'text';
  if (delta.reasoning) return 'reasoning';
  if (delta.tool) return 'tool';
  if (delta.done) return 'done';
  if (delta.finish !== undefined) return 'finish';
  if (delta.usage !== undefined) return 'usage';
  return delta.role !== undefined ? 'role' : 'other';
}

/** The event says nothing that has to be taken over beside one text. */
export function isPlainOutput({ text, reasoning, tool, done, finish, usage, error }: Delta): boolean {
  const outputs = Number(text !== undefined) + Number(reasoning !== undefined) + Number(tool !== undefined);
  return outputs === 1 && !done && finish === undefined && usage === undefined && error === undefined;
}

export function withoutSecret({ secret }: Dialect, text: string): string {
  return secret === '' ? text : text.replaceAll(secret, '[api key]');
}
