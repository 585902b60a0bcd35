/** How the worker reads what its service says: the wire dialect, and the run's choices about it. */
import type { Protocol } from '../core/protocol.ts';
import { type LastHead, noHead } from './response-state.ts';
import { newShapeTable, type ShapeTable } from './shape-table.ts';

/** What the exchanges of one worker share. */
export interface Dialect {
  protocol: Protocol;
  stream: boolean;
  keepText: boolean;
  /** Never to be recorded, even where a service quotes it in an error; '' when there is none. */
  secret: string;
  lastHead: LastHead;
  /** Shapes of events seen so far; null when every event is to be parsed. */
  shapes: ShapeTable | null;
}

export function createDialect(
  protocol: Protocol,
  options: { stream: boolean; keepText: boolean; verify: boolean; secret?: string },
): Dialect {
  const { stream, keepText, verify, secret = '' } = options;
  return { protocol, stream, keepText, secret, lastHead: noHead(), shapes: verify ? null : newShapeTable() };
}

export function withoutSecret({ secret }: Dialect, text: string): string {
  return secret === '' ? text : text.replaceAll(secret, '[api key]');
}
