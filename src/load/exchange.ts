/** One attempt of one request: what its response said so far, and how it ended. */
import type { Delta, Usage } from '../core/protocol.ts';
import { isOutput, KIND, NEVER, OUTCOME, UNKNOWN_TOKENS } from '../core/records.ts';
import type { Dialect } from './dialect.ts';
import { kindOf } from './event-kind.ts';
import { clearLog, logEvent, logEvents, newEventLog, wholeUs } from './event-log.ts';
import { type EventRun, endRun, expectLike } from './event-run.ts';
import type { EventShape } from './event-shape.ts';
import { type Fault, faultOf } from './fault.ts';
import type { ResponseSink } from './http-response.ts';
import type { Job } from './job.ts';
import type { ByteSource } from './read-buffer.ts';
import type { FinishedAttempt } from './recorder.ts';
import { completesAtClose, expectResponse, newResponseState, type ResponseState } from './response-state.ts';
import { type EventPlace, learnFrom } from './shape-table.ts';
import {
  type EventSink,
  finishStream,
  isBetweenEvents,
  newSseState,
  scanEvents,
  startStream,
} from './sse.ts';
import { appendParsed, appendText, newTextLog } from './text-log.ts';
import { ERROR_BODY_BYTES, emptyBody, keepBytes, MAX_BODY_BYTES, textOf } from './whole-body.ts';

/**
 * Belongs to one connection and is reused for each of its requests, so that a request allocates little.
 * `now` is set by the connection as the first thing of each read.
 */
export class Exchange implements ResponseSink, EventSink, FinishedAttempt {
  readonly response: ResponseState;
  readonly log = newEventLog();
  readonly text = newTextLog();
  readonly reasoning = newTextLog();
  private readonly sse = newSseState();
  private readonly dialect: Dialect;
  job: Job = { index: 0, turn: 0, attempt: 0, due: 0, measured: false };
  now = 0;
  /** NaN until its bytes were handed to the socket. */
  sent = NEVER;
  firstByte = NEVER;
  end = 0;
  status = 0;
  outcome: number = OUTCOME.ok;
  cause = '';
  /** The attempt has ended. */
  over = true;
  inTokens = UNKNOWN_TOKENS;
  outTokens = UNKNOWN_TOKENS;
  cachedTokens = UNKNOWN_TOKENS;
  /** As the service said them; undefined when it did not. */
  finish: string | undefined;
  id: string | undefined;
  /** Run time at which the service said its last word; the rest of the response is a formality. */
  saidAll = NEVER;
  private done = false;
  private streamError: string | undefined;
  private errorBody: string | undefined;
  private sawData = false;
  /** Raw bytes of an error body or of an answer in one piece. */
  private body = emptyBody();

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.response = newResponseState(dialect.lastHead);
  }

  begin(job: Job): void {
    this.job = job;
    this.sent = NEVER;
    this.firstByte = NEVER;
    this.status = 0;
    this.outcome = OUTCOME.ok;
    this.cause = '';
    this.over = false;
    this.inTokens = UNKNOWN_TOKENS;
    this.outTokens = UNKNOWN_TOKENS;
    this.cachedTokens = UNKNOWN_TOKENS;
    this.saidAll = NEVER;
    this.done = false;
    this.finish = undefined;
    this.id = undefined;
    this.streamError = undefined;
    this.errorBody = undefined;
    this.sawData = false;
    this.body = emptyBody();
    this.text.length = 0;
    this.reasoning.length = 0;
    clearLog(this.log);
    startStream(this.sse);
    expectResponse(this.response);
  }

  get index(): number {
    return this.job.index;
  }
  get turn(): number {
    return this.job.turn;
  }
  get attempt(): number {
    return this.job.attempt;
  }
  get due(): number {
    return this.job.due;
  }

  get fault(): Fault | null {
    return this.cause === '' ? null : faultOf(this.dialect, this.cause, this.errorBody, this.response.facts);
  }

  onHead(status: number): void {
    this.status = status;
  }

  onBody(source: ByteSource, from: number, to: number): void {
    const { body, status, dialect } = this;
    if (status === 200 && dialect.stream) scanEvents(this.sse, source, from, to, dialect.shapes, this);
    else if (status !== 200)
      keepBytes(body, source.bytes, from, Math.min(to, from + ERROR_BODY_BYTES - body.length));
    else if (body.length + to - from <= MAX_BODY_BYTES) keepBytes(body, source.bytes, from, to);
    else this.fail(OUTCOME.protocol, `the response is longer than ${MAX_BODY_BYTES} bytes`);
  }

  /** Most of a response: everything that the read holds of it is noted in one go. */
  onChunks(source: ByteSource, from: number, to: number): number {
    const { scan } = source;
    const { shape, slot, scan: owner, headLength, tailLength } = this.sse.run;
    if (scan === null || owner !== scan || shape === null || !isBetweenEvents(this.sse)) return from;
    const end = scan.pass(slot!, headLength, tailLength, from, to);
    if (end === from) return from;
    this.sse.run.misses = 0;
    this.noteExpected(shape, scan.events(), scan.bytes, scan.textFrom, scan.textTo());
    return end;
  }

  onExpected({ shape, textFrom, textTo }: EventRun, source: ByteSource): void {
    this.noteExpected(shape!, 1, source.bytes, textFrom, textTo);
  }

  /** So many events of `shape`, whose texts stand one behind another in `bytes`. */
  private noteExpected(shape: EventShape, events: number, bytes: Buffer, from: number, to: number): void {
    shape.hits += events;
    this.log.outputs += events;
    logEvents(this.log, wholeUs(this.now - this.sent), shape.code, events);
    if (this.dialect.keepText) appendText(shape.hasText ? this.text : this.reasoning, bytes, from, to);
  }

  onShape(shape: EventShape, source: ByteSource, from: number): void {
    const { found } = this.dialect.shapes!;
    if (!this.sawData) {
      this.sawData = true;
      this.id = shape.hasId ? source.bytes.toString('utf8', found.idFrom, found.idTo) : shape.says.id;
    }
    if (shape.isOutput) this.log.outputs++;
    logEvent(this.log, wholeUs(this.now - this.sent), shape.code);
    if (shape.isLast) this.takeEnd(shape.says, found);
    else if (shape.isOutput && shape.hasText !== shape.hasReasoning) {
      const textFrom = shape.hasText ? found.textFrom : found.reasoningFrom;
      const textTo = shape.hasText ? found.textTo : found.reasoningTo;
      expectLike(this.sse.run, shape, source, from, found.end, textFrom, textTo);
    }
    if (!this.dialect.keepText) return;
    if (shape.hasText) appendText(this.text, source.bytes, found.textFrom, found.textTo);
    if (shape.hasReasoning) appendText(this.reasoning, source.bytes, found.reasoningFrom, found.reasoningTo);
  }

  onEvent(data: string, source: ByteSource, place: EventPlace | null): void {
    const delta = this.decode(data);
    if (delta === null) return;
    // An id is taken from the first event only, so that comparing and parsing find the same one.
    if (!this.sawData) this.id = delta.id;
    this.sawData = true;
    this.take(delta);
    const { shapes, protocol } = this.dialect;
    if (shapes !== null && place !== null) learnFrom(shapes, source, place, delta, protocol.decode);
  }

  onComment(): void {
    logEvent(this.log, wholeUs(this.now - this.sent), KIND.comment);
  }

  onTooLong(): void {
    this.fail(OUTCOME.protocol, 'an event is too long');
  }

  /** The body has ended as HTTP says it should. */
  complete(): void {
    const { response } = this;
    if (this.over) return;
    if (response.invalid !== '') this.fail(OUTCOME.protocol, response.invalid);
    else if (this.status !== 200) {
      this.errorBody = textOf(this.body);
      this.fail(OUTCOME.http, `HTTP ${this.status}`);
    } else if (this.dialect.stream) {
      finishStream(this.sse, this);
      if (!this.over) this.judge();
    } else this.completeWhole();
  }

  /** The connection is gone. */
  lost(outcome: number, cause: string): void {
    if (this.over) return;
    if (completesAtClose(this.response) && outcome === OUTCOME.network && cause === CLOSED) this.complete();
    else if (!Number.isNaN(this.saidAll)) this.judge();
    else this.fail(outcome, cause);
  }

  /** Its connection is gone for good. */
  release(): void {
    endRun(this.sse.run);
  }

  fail(outcome: number, cause: string): void {
    if (this.over) return;
    this.over = true;
    this.outcome = outcome;
    this.cause = cause;
    this.end = this.now;
  }

  private judge(): void {
    if (this.streamError !== undefined)
      this.fail(OUTCOME.protocol, `the service sent an error: ${this.streamError}`);
    else if (this.log.outputs === 0) this.fail(OUTCOME.protocol, 'no output in the response');
    else if (!this.done && this.finish === undefined && this.dialect.protocol.ending !== 'body')
      this.fail(OUTCOME.protocol, 'the stream ended before its end mark');
    else {
      this.over = true;
      this.end = this.now;
    }
  }

  private completeWhole(): void {
    const delta = this.decode(textOf(this.body));
    if (delta === null) return;
    this.id = delta.id;
    this.done = true;
    this.body = emptyBody();
    this.take(delta);
    this.judge();
  }

  /** Notes the event and takes over what it says. */
  private take(delta: Delta): void {
    const kind = KIND[kindOf(delta)];
    logEvent(this.log, wholeUs(this.now - this.sent), kind);
    if (isOutput(kind)) {
      this.log.outputs++;
      if (this.dialect.keepText) this.keepTexts(delta);
    }
    this.takeEnd(delta, delta.usage);
    this.streamError ??= delta.error;
    if (delta.error !== undefined) this.saidAll = this.now;
  }

  /** Takes over what `says` tells of the answer's end; token counts come from `counts`. */
  private takeEnd(says: Delta, counts: Usage | undefined): void {
    if (says.usage !== undefined) this.takeCounts(says.usage, counts!);
    if (says.finish !== undefined) this.finish = says.finish;
    if (!says.done) return;
    this.done = true;
    this.saidAll = this.now;
  }

  /** Each count by itself: an event may say one and leave another open. */
  private takeCounts(said: Usage, counts: Usage): void {
    if (said.inTokens !== undefined) this.inTokens = counts.inTokens!;
    if (said.outTokens !== undefined) this.outTokens = counts.outTokens!;
    if (said.cachedTokens !== undefined) this.cachedTokens = counts.cachedTokens!;
  }

  private decode(data: string): Delta | null {
    if (this.dialect.stream && data === '') return {};
    try {
      return this.dialect.stream
        ? this.dialect.protocol.decode(data)
        : this.dialect.protocol.decodeBody(data);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.errorBody = Buffer.from(data).toString('utf8', 0, ERROR_BODY_BYTES);
      this.fail(OUTCOME.protocol, 'malformed JSON');
      return null;
    }
  }

  private keepTexts({ text, reasoning }: Delta): void {
    if (text !== undefined) appendParsed(this.text, text);
    if (reasoning !== undefined) appendParsed(this.reasoning, reasoning);
  }
}

/** The cause of a connection that the service ended in an orderly way. */
export const CLOSED = 'the service closed the connection';
