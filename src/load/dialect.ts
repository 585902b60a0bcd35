/** How the worker reads what its service says: the wire dialect, and the run's choices about it. */
import type { Protocol } from '../core/protocol.ts';
import { secretForms, withoutForms } from '../core/secrets.ts';
import { type LastHead, noHead } from './response-state.ts';
import { newShapeTable, type ShapeTable } from './shape-table.ts';

/** What the exchanges of one worker share. */
export interface Dialect {
  protocol: Protocol;
  stream: boolean;
  keepText: boolean;
  /** Never to be recorded, even where a service quotes it: every form of the target's secrets. */
  secrets: readonly string[];
  lastHead: LastHead;
  /** Shapes of events seen so far; null when every event is to be parsed. */
  shapes: ShapeTable | null;
}

export function createDialect(
  protocol: Protocol,
  options: { stream: boolean; keepText: boolean; verify: boolean; secrets?: readonly string[] },
): Dialect {
  const { stream, keepText, verify } = options;
  const secrets = secretForms(options.secrets ?? []);
  return { protocol, stream, keepText, secrets, lastHead: noHead(), shapes: verify ? null : newShapeTable() };
}

export function withoutSecret({ secrets }: Dialect, text: string): string {
  return withoutForms(text, secrets, '[api key]');
}
