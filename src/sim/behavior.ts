/** How one response will behave on the wire, which is decided before its first byte. Faults change it; see faults.ts. */

/** Something that happens in place of, or before, one output token. */
export type Incident =
  | { what: 'reset' }
  | { what: 'cut'; clean: boolean }
  | { what: 'stall'; forMs: number }
  | { what: 'malformed' }
  | { what: 'error'; message: string };

export interface Behavior {
  /** Answered at once instead of being generated. */
  rejection: { status: number; body: string; headers: Record<string, string> } | null;
  /** The connection is reset instead of answered, and the service then refuses connections for a while. */
  refusal: { listenAgainAfterMs: number } | null;
  /** When the event is sent that only names the role. */
  roleEvent: 'with-first-token' | 'at-once' | 'never';
  /** How many of the first tokens are reasoning. */
  reasoningTokens: number;
  /** The output is a tool call: the first token its name, the others its arguments. */
  toolCall: boolean;
  multibyte: boolean;
  tokensPerEvent: number;
  eventsPerWrite: number;
  /** Every write goes out in two, cut at a random byte. */
  split: boolean;
  lineEnd: '\n' | '\r\n';
  dataPrefix: 'data: ' | 'data:';
  /** A comment line is sent at the start and before every n-th token event; 0: none is. */
  heartbeatEvery: number;
  usage: boolean;
  doneMark: boolean;
  incident: (Incident & { atToken: number }) | null;
}

/** A response as vLLM streams it. */
export const plainBehavior: Behavior = {
  rejection: null,
  refusal: null,
  roleEvent: 'with-first-token',
  reasoningTokens: 0,
  toolCall: false,
  multibyte: false,
  tokensPerEvent: 1,
  eventsPerWrite: 1,
  split: false,
  lineEnd: '\n',
  dataPrefix: 'data: ',
  heartbeatEvery: 0,
  usage: true,
  doneMark: true,
  incident: null,
};
