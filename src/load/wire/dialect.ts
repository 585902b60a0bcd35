/** How the worker reads what its service says: the wire dialect, and the run's choices about it. */
import type { Delta, Protocol } from '../../core/protocol.ts';
import { secretForms, withoutCutForms, withoutForms } from '../../core/text/secrets.ts';
import { type LastHead, noHead } from './http/response-state.ts';
import { newShapeTable, type ShapeTable } from './shapes/shape-table.ts';
import { malformed } from './whole-body.ts';

const HIDDEN = '[api key]';

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
  return {
    protocol,
    stream,
    keepText,
    secrets,
    lastHead: noHead(),
    shapes: verify ? null : newShapeTable(protocol.decode),
  };
}

/** At most `length` characters: the secrets go before the text is cut, half a secret at its end, too. */
export function cutWithoutSecret({ secrets }: Dialect, text: string, length: number): string {
  return withoutCutForms(text, secrets, HIDDEN).slice(0, length);
}

/** What an event, or a whole answer, says; a text says why it says nothing. */
export function decodeAs(dialect: Dialect, data: string, isWhole: boolean): Delta | string {
  const { protocol } = dialect;
  if (!isWhole && data === '') return {};
  try {
    return isWhole ? protocol.decodeBody(data) : protocol.decode(data);
  } catch (error) {
    // Whatever the service says: one bad answer is one failed attempt, never the end of the run.
    if (!(error instanceof SyntaxError)) return `an answer that cannot be read: ${error}`;
    // The words of a service that reports in plain text; a page's are not fit for a line.
    return malformed(withoutSecret(dialect, data));
  }
}

export function withoutSecret({ secrets }: Dialect, text: string): string {
  return withoutForms(text, secrets, HIDDEN);
}
