/** A streamed answer: tokens become events, events become writes, in the manner the behaviour asks for. */
import type { Delta, SimResponse } from '../core/protocol.ts';
import { type Answering, finishReasonOf, type TokenSink } from './answering.ts';
import { multibyteWords, nextWordState, wordAt, words } from './generation.ts';
import { createOutbox } from './outbox.ts';

/** Stands for a token's text while an event's frame is made; nothing in it needs escaping in JSON. */
const PLACE = '@sim-token@';

export function answerStreamed(a: Answering): TokenSink {
  const { http, protocol, head, behaviour: b, answer, entry, clock } = a;
  const { incident } = b;
  const list = b.multibyte ? multibyteWords : words;
  const eol = b.lineEnd;
  const eventEnd = eol + eol;
  const outbox = createOutbox(http, stamp, b.split ? a.random : null);
  let wordState = answer.wordState;
  let generated = 0;
  let over = false;
  /** The event being filled, and the write being filled. */
  let eventText = '';
  let eventTokens = 0;
  let writeText = '';
  let writeTokens = 0;
  let writeEvents = 0;
  let eventsMade = 0;
  /** Only kept for dialects that repeat it at the end. */
  let wholeText = '';
  const textFrame = frame({ text: PLACE });
  const reasoningFrame = b.reasoningTokens > 0 ? frame({ reasoning: PLACE }) : textFrame;
  const toolFrame = b.toolCall ? frame({ tool: PLACE }) : textFrame;

  http.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-request-id': head.id,
  });
  http.flushHeaders();
  if (b.heartbeatEvery > 0) outbox.send(heartbeat(), 0);
  if (b.roleEvent === 'at-once') sendRole();

  function stamp(tokens: number, last: boolean): void {
    const nowMs = clock.now();
    for (let i = 0; i < tokens; i++) entry.tokenMs[entry.tokensSent++] = nowMs;
    if (!last) return;
    entry.endMs = nowMs;
    // Injected failures have said so already; what is left came to its end.
    a.onEnd('ok');
  }

  /** Nothing where the dialect has no event for it. */
  function event(delta: Delta, about: SimResponse = head): string {
    const payload = protocol.emit(a.continuousUsage ? withUsageSoFar(delta) : delta, about);
    return payload === '' ? '' : b.dataPrefix + payload + eventEnd;
  }

  function withUsageSoFar(delta: Delta): Delta {
    if (delta.usage !== undefined || delta.error !== undefined || delta.done) return delta;
    const isOnlyRole = delta.role !== undefined && delta.tool === undefined;
    return { ...delta, usage: { ...a.usage, outTokens: isOnlyRole ? 0 : generated } };
  }

  /** An event's text before and after its token's text: making it anew for each token costs ten times more. */
  function frame(delta: Delta): [string, string] {
    const [before, after] = event(delta).split(PLACE);
    return [before, after];
  }

  function heartbeat(): string {
    return `: heartbeat${eventEnd}`;
  }

  /** Nothing where the dialect has no roles. */
  function roleEvent(): string {
    const payload = protocol.emit({ role: 'assistant' }, head);
    return payload === '' || protocol.decode(payload).role === undefined ? '' : event({ role: 'assistant' });
  }

  function token(): void {
    if (over) return;
    const index = generated++;
    const last = generated === answer.tokens;
    if (index === 0 && b.roleEvent === 'with-first-token') sendRole();
    if (incident !== null && index === incident.atToken) happen();
    if (over) return;
    wordState = nextWordState(wordState);
    eventText += wordAt(wordState, list);
    eventTokens++;
    if (protocol.ending !== 'mark') wholeText += wordAt(wordState, list);
    if (eventTokens >= b.tokensPerEvent || last || generated === b.reasoningTokens) closeEvent(last);
    if (last) end();
  }

  function sendRole(): void {
    const text = roleEvent();
    if (text !== '') outbox.send(text, 0);
  }

  function closeEvent(last: boolean): void {
    if (b.heartbeatEvery > 0 && ++eventsMade % b.heartbeatEvery === 0) writeText += heartbeat();
    writeText += tokenEvent(last);
    writeTokens += eventTokens;
    writeEvents++;
    eventText = '';
    eventTokens = 0;
    if (writeEvents < b.eventsPerWrite && !last) return;
    outbox.send(writeText, writeTokens);
    writeText = '';
    writeTokens = 0;
    writeEvents = 0;
  }

  function tokenEvent(last: boolean): string {
    if (b.toolCall && generated === eventTokens) return event({ role: 'assistant', tool: eventText.trim() });
    const isReasoning = generated <= b.reasoningTokens;
    // A limit ends an answer on a token, which then carries the reason; an end of its own comes after it.
    if (last && !b.toolCall && !isReasoning && answer.finish === 'length') {
      return lastEvent({ text: eventText }, 'length');
    }
    // The frames hold no counts.
    if (a.continuousUsage) return event({ [outputField(isReasoning)]: eventText });
    const [before, after] = b.toolCall ? toolFrame : isReasoning ? reasoningFrame : textFrame;
    return before + eventText + after;
  }

  function outputField(isReasoning: boolean): 'tool' | 'reasoning' | 'text' {
    if (b.toolCall) return 'tool';
    return isReasoning ? 'reasoning' : 'text';
  }

  function end(): void {
    const finish = finishReasonOf(a);
    const said = finish === 'length' && generated > b.reasoningTokens;
    let tail = said ? '' : lastEvent({}, finish);
    if (protocol.ending === 'mark') {
      if (a.usage !== null) tail += event({ usage: a.usage });
      if (b.doneMark) tail += event({ done: true });
    }
    entry.finishReason = finish;
    over = true;
    outbox.end(tail);
  }

  /** The event with the finish reason, which in some dialects is the very last and says all there is to say. */
  function lastEvent(output: Delta, finish: string): string {
    if (protocol.ending === 'mark') return event({ ...output, finish });
    const usage = a.usage ?? undefined;
    const done = b.doneMark || undefined;
    return event({ ...output, finish, usage, done }, { ...head, text: wholeText });
  }

  function happen(): void {
    if (incident === null) return;
    switch (incident.what) {
      case 'stall':
        outbox.hold(incident.forMs);
        return;
      case 'malformed': {
        const whole = protocol.emit({ text: PLACE }, head);
        outbox.send(b.dataPrefix + whole.slice(0, whole.length / 2) + eventEnd, 0);
        a.onSpoilt();
        return;
      }
      case 'error':
        fail();
        outbox.end(event({ error: incident.message }) + (b.doneMark ? event({ done: true }) : ''));
        return;
      case 'cut':
        fail();
        if (incident.clean) outbox.end('');
        else http.socket?.end();
        return;
      case 'reset':
        fail();
        http.socket?.resetAndDestroy();
    }
  }

  function fail(): void {
    over = true;
    entry.endMs = clock.now();
    a.onEnd('failed');
  }

  return {
    token,
    close() {
      over = true;
      outbox.close();
    },
  };
}
