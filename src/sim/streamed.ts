/** A streamed answer: tokens become events, events become writes, in the manner the behavior asks for. */
import { type Answering, finishReasonOf, type TokenSink } from './answering.ts';
import { createEventWriter, type EventWriter, type OutputField, type SaidSoFar } from './event-writer.ts';
import { multibyteWords, nextWordState, wordAt, words } from './generation.ts';
import { createOutbox, type Outbox } from './outbox.ts';

/** An answer in progress. */
interface Stream {
  readonly answering: Answering;
  readonly writer: EventWriter;
  readonly outbox: Outbox;
  readonly words: readonly string[];
  readonly soFar: SaidSoFar;
  wordState: number;
  isOver: boolean;
  /** The event being filled. */
  eventText: string;
  eventTokens: number;
  eventsMade: number;
  /** The write being filled. */
  writeText: string;
  writeTokens: number;
  writeEvents: number;
}

export function answerStreamed(answering: Answering): TokenSink {
  const { http, head, behavior } = answering;
  const stream = createStream(answering);
  http.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-request-id': head.id,
  });
  http.flushHeaders();
  if (behavior.heartbeatEvery > 0) stream.outbox.send(stream.writer.heartbeat(), 0);
  if (behavior.roleEvent === 'at-once') sendRole(stream);
  return {
    token: () => addToken(stream),
    close() {
      stream.isOver = true;
      stream.outbox.close();
    },
  };
}

function createStream(answering: Answering): Stream {
  const { http, behavior, answer, random } = answering;
  const soFar: SaidSoFar = { tokens: 0, text: '' };
  const onWrite = (tokens: number, isLast: boolean) => recordWrite(answering, tokens, isLast);
  return {
    answering,
    writer: createEventWriter(answering, soFar),
    outbox: createOutbox(http, onWrite, behavior.split ? random : null),
    words: behavior.multibyte ? multibyteWords : words,
    soFar,
    wordState: answer.wordState,
    isOver: false,
    eventText: '',
    eventTokens: 0,
    eventsMade: 0,
    writeText: '',
    writeTokens: 0,
    writeEvents: 0,
  };
}

/** The service's own record of the moment in which `tokens` leave. */
function recordWrite({ clock, entry, onEnd }: Answering, tokens: number, isLast: boolean): void {
  const nowMs = clock.now();
  for (let i = 0; i < tokens; i++) entry.tokenMs[entry.tokensSent++] = nowMs;
  if (!isLast) return;
  entry.endMs = nowMs;
  // Injected failures have reported themselves by now; any other answer has come to its end.
  onEnd('ok');
}

function addToken(stream: Stream): void {
  const { answering, soFar } = stream;
  const { protocol, answer, behavior } = answering;
  if (stream.isOver) return;
  const index = soFar.tokens++;
  const isLast = soFar.tokens === answer.tokens;
  if (index === 0 && behavior.roleEvent === 'with-first-token') sendRole(stream);
  if (index === behavior.incident?.atToken) letIncidentHappen(stream);
  if (stream.isOver) return;
  stream.wordState = nextWordState(stream.wordState);
  const word = wordAt(stream.wordState, stream.words);
  stream.eventText += word;
  stream.eventTokens++;
  if (protocol.ending !== 'mark') soFar.text += word;
  const isFull = stream.eventTokens >= behavior.tokensPerEvent;
  if (isFull || isLast || soFar.tokens === behavior.reasoningTokens) closeEvent(stream, isLast);
  if (isLast) endAnswer(stream);
}

function sendRole({ writer, outbox }: Stream): void {
  const text = writer.role();
  if (text !== '') outbox.send(text, 0);
}

function closeEvent(stream: Stream, isLast: boolean): void {
  const { writer, outbox } = stream;
  const { heartbeatEvery, eventsPerWrite } = stream.answering.behavior;
  if (heartbeatEvery > 0 && ++stream.eventsMade % heartbeatEvery === 0)
    stream.writeText += writer.heartbeat();
  stream.writeText += makeTokenEvent(stream, isLast);
  stream.writeTokens += stream.eventTokens;
  stream.writeEvents++;
  stream.eventText = '';
  stream.eventTokens = 0;
  if (stream.writeEvents < eventsPerWrite && !isLast) return;
  outbox.send(stream.writeText, stream.writeTokens);
  stream.writeText = '';
  stream.writeTokens = 0;
  stream.writeEvents = 0;
}

/** The event with the tokens that have been gathered. */
function makeTokenEvent(
  { answering, writer, soFar, eventText, eventTokens }: Stream,
  isLast: boolean,
): string {
  const { behavior, answer } = answering;
  if (behavior.toolCall && soFar.tokens === eventTokens) return writer.toolName(eventText.trim());
  const isReasoning = soFar.tokens <= behavior.reasoningTokens;
  // A limit ends an answer on a token, which then carries the reason; an end of its own comes after it.
  if (isLast && !behavior.toolCall && !isReasoning && answer.finish === 'length') {
    return writer.finish({ text: eventText }, 'length');
  }
  return writer.output(outputField(behavior.toolCall, isReasoning), eventText);
}

function outputField(isToolCall: boolean, isReasoning: boolean): OutputField {
  if (isToolCall) return 'tool';
  return isReasoning ? 'reasoning' : 'text';
}

function endAnswer(stream: Stream): void {
  const { answering, writer, outbox, soFar } = stream;
  const reason = finishReasonOf(answering);
  const isSaid = reason === 'length' && soFar.tokens > answering.behavior.reasoningTokens;
  answering.entry.finishReason = reason;
  stream.isOver = true;
  outbox.end((isSaid ? '' : writer.finish({}, reason)) + writer.ending());
}

function letIncidentHappen(stream: Stream): void {
  const { answering, writer, outbox } = stream;
  const { http, behavior } = answering;
  const { incident } = behavior;
  switch (incident?.what) {
    case 'stall':
      outbox.pause(incident.forMs);
      return;
    case 'malformed':
      outbox.send(writer.malformed(), 0);
      answering.onSpoilt();
      return;
    case 'error':
      fail(stream);
      outbox.end(writer.error(incident.message));
      return;
    case 'cut':
      fail(stream);
      if (incident.clean) outbox.end('');
      else http.socket?.end();
      return;
    case 'reset':
      fail(stream);
      http.socket?.resetAndDestroy();
  }
}

function fail(stream: Stream): void {
  const { entry, clock, onEnd } = stream.answering;
  stream.isOver = true;
  entry.endMs = clock.now();
  onEnd('failed');
}
