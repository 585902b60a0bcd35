/** The text of the events of a streamed answer: payloads of the dialect, framed as the behavior asks. */
import type { Delta, SimResponse } from '../core/protocol.ts';
import type { Answering } from './answering.ts';

/** What a streamed answer has said so far. */
export interface SaidSoFar {
  tokens: number;
  /** Only kept for dialects that repeat it at the end. */
  text: string;
}

/** Methods return '' where the dialect has no such event. */
export interface EventWriter {
  heartbeat(): string;
  role(): string;
  /** The tokens of `text`. */
  output(field: OutputField, text: string): string;
  /** The first event of a tool call, which names the tool. */
  toolName(name: string): string;
  /** Half an event. */
  malformed(): string;
  error(message: string): string;
  /** The event with the finish reason, which in some dialects is the very last and says all there is to say. */
  finish(output: Delta, reason: string): string;
  /** What follows the finish reason. */
  ending(): string;
}

export type OutputField = 'text' | 'reasoning' | 'tool';

/** Stands for a token's text while an event's frame is made; nothing in it needs escaping in JSON. */
const PLACE = '@sim-token@';

export function createEventWriter(answering: Answering, soFar: SaidSoFar): EventWriter {
  const { protocol, head, behavior } = answering;
  const event = createFramer(answering, soFar);
  // A frame is made once and cannot hold the counts so far.
  const frames = answering.continuousUsage ? null : createFrames(answering, event);
  const mark = () => (behavior.doneMark ? event({ done: true }) : '');
  return {
    heartbeat: () => `: heartbeat${behavior.lineEnd}${behavior.lineEnd}`,
    role() {
      const payload = protocol.emit({ role: 'assistant' }, head);
      const hasRoles = payload !== '' && protocol.decode(payload).role !== undefined;
      return hasRoles ? event({ role: 'assistant' }) : '';
    },
    output(field, text) {
      if (frames === null) return event({ [field]: text });
      const [before, after] = frames[field];
      return before + text + after;
    },
    toolName: (name) => event({ role: 'assistant', tool: name }),
    malformed() {
      const whole = protocol.emit({ text: PLACE }, head);
      return behavior.dataPrefix + whole.slice(0, whole.length / 2) + behavior.lineEnd + behavior.lineEnd;
    },
    error: (message) => event({ error: message }) + mark(),
    finish(output, reason) {
      if (protocol.ending === 'mark') return event({ ...output, finish: reason });
      const usage = answering.usage ?? undefined;
      const done = behavior.doneMark || undefined;
      return event({ ...output, finish: reason, usage, done }, { ...head, text: soFar.text });
    },
    ending() {
      if (protocol.ending !== 'mark') return '';
      return (answering.usage === null ? '' : event({ usage: answering.usage })) + mark();
    },
  };
}

type Framer = (delta: Delta, about?: SimResponse) => string;

/** The returned function makes a whole event; '' where the dialect has none for `delta`. */
function createFramer(answering: Answering, soFar: SaidSoFar): Framer {
  const { protocol, head, behavior, usage, continuousUsage } = answering;
  const eventEnd = behavior.lineEnd + behavior.lineEnd;

  function withUsageSoFar(delta: Delta): Delta {
    if (delta.usage !== undefined || delta.error !== undefined || delta.done) return delta;
    const isOnlyRole = delta.role !== undefined && delta.tool === undefined;
    return { ...delta, usage: { ...usage, outTokens: isOnlyRole ? 0 : soFar.tokens } };
  }

  return (delta, about = head) => {
    const payload = protocol.emit(continuousUsage ? withUsageSoFar(delta) : delta, about);
    return payload === '' ? '' : behavior.dataPrefix + payload + eventEnd;
  };
}

/** An event's text before and after its token's text: making it anew for each token costs ten times more. */
type Frame = [before: string, after: string];

function createFrames({ behavior }: Answering, event: Framer): Record<OutputField, Frame> {
  const frame = (delta: Delta) => event(delta).split(PLACE) as Frame;
  const text = frame({ text: PLACE });
  return {
    text,
    reasoning: behavior.reasoningTokens > 0 ? frame({ reasoning: PLACE }) : text,
    tool: behavior.toolCall ? frame({ tool: PLACE }) : text,
  };
}
