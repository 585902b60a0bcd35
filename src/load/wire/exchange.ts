/** One attempt of one request: what its response said so far, and how it ended. */
import type { Delta, Usage } from '../../core/protocol.ts';
import { isOutput, KIND, NEVER, OUTCOME } from '../../core/records.ts';
import { type Dialect, decodeAs } from './dialect.ts';
import {
  clearLog,
  countTokens,
  logEither,
  logEvents,
  logSilent,
  newEventLog,
  tooLong,
  wholeUs,
} from './event-log.ts';
import { CLOSED, type Fault, faultOf } from './fault.ts';
import type { ResponseSink } from './http-response.ts';
import type { Job } from './job.ts';
import type { FinishedAttempt } from './recorder.ts';
import { completesAtClose, expectResponse, newResponseState, type ResponseState } from './response-state.ts';
import { faultIn, forgetSaid, nothingSaid, settleCounts, strayOutput, takeEnd } from './said.ts';
import { kindOf } from './shapes/event-kind.ts';
import { type EventRun, endRun, expectLike, passChunks } from './shapes/event-run.ts';
import type { EventShape } from './shapes/event-shape.ts';
import type { ByteSource } from './shapes/read-buffer.ts';
import { type EventPlace, learnFrom } from './shapes/shape-table.ts';
import {
  type EventSink,
  finishStream,
  isBetweenEvents,
  newSseState,
  scanEvents,
  startStream,
} from './sse.ts';
import { appendParsed, appendText, newTextLog } from './text-log.ts';
import {
  emptyBody,
  isSuccess,
  keepBytes,
  keepStart,
  MAX_BODY_BYTES,
  startOf,
  startsDocument,
  textOf,
} from './whole-body.ts';

/**
 * Belongs to one connection and is reused for each of its requests, so that a request allocates little.
 * `now` is set by the connection as the first thing of each read.
 */
export class Exchange implements ResponseSink, EventSink, FinishedAttempt {
  readonly response: ResponseState;
  readonly log = newEventLog();
  readonly text = newTextLog();
  readonly reasoning = newTextLog();
  readonly sse = newSseState();
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
  readonly said = nothingSaid();
  /** Run time of the last output event; 0: none yet. */
  outputMs = 0;
  /** Run time at which the service said its last word; the rest of the response is a formality. */
  saidAll = NEVER;
  private errorBody: string | undefined;
  private sawData = false;
  /** Raw bytes of an error body, of an answer in one piece, or of what no event has come of. */
  body = emptyBody();
  /** The answer comes in one piece, asked for or not. */
  private whole = false;

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
    this.saidAll = NEVER;
    this.outputMs = 0;
    this.whole = !this.dialect.stream;
    forgetSaid(this.said);
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
    const { body } = this;
    // Told by the body's first bytes: some services answer with a page or one JSON object instead of a stream.
    if (!this.sawData && body.length === 0 && this.log.count === 0)
      this.whole ||= startsDocument(source.bytes, from, to);
    if (!isSuccess(this.status)) {
      if (!keepStart(body, source.bytes, from, to)) this.failAsHttp();
    } else if (!this.whole) {
      scanEvents(this.sse, source, from, to, this.dialect.shapes, this);
      if (!this.sawData) keepStart(body, source.bytes, from, to);
    } else if (body.length + to - from <= MAX_BODY_BYTES) keepBytes(body, source.bytes, from, to);
    else this.fail(OUTCOME.protocol, `the response is longer than ${MAX_BODY_BYTES} bytes`);
  }

  /** Most of a response: everything that the read holds of it is noted in one go. */
  onChunks(source: ByteSource, from: number, to: number): number {
    const { run } = this.sse;
    const end = isBetweenEvents(this.sse) ? passChunks(run, source, from, to) : from;
    if (end === from) return from;
    const scan = source.scan!;
    this.noteExpected(run.shape!, scan.events(), scan.bytes, scan.textFrom, scan.textTo());
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
      this.said.id = shape.hasId ? source.bytes.toString('utf8', found.idFrom, found.idTo) : shape.says.id;
    }
    logEither(this.log, wholeUs(this.now - this.sent), shape.code, shape.isOutput);
    if (shape.isLast) this.takeEnd(shape.says, found, shape.isOutput);
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
    if (delta.error !== undefined) this.errorBody ??= startOf(data);
    // An id is taken from the first event only, so that comparing and parsing find the same one.
    const isFirst = !this.sawData;
    if (isFirst) this.said.id = delta.id;
    this.sawData = true;
    this.take(delta, isFirst);
    const { shapes, protocol } = this.dialect;
    if (shapes !== null && place !== null) learnFrom(shapes, source, place, delta, protocol.decode);
  }

  onComment(): void {
    logSilent(this.log, wholeUs(this.now - this.sent), KIND.comment);
  }

  onTooLong(): void {
    this.fail(OUTCOME.protocol, 'an event is too long');
  }

  checkLength(): void {
    const cause = tooLong(this.log);
    if (cause !== '') this.fail(OUTCOME.protocol, cause);
  }

  /** The body has ended as HTTP says it should. */
  complete(): void {
    if (this.over) return;
    if (this.response.invalid !== '') this.fail(OUTCOME.protocol, this.response.invalid);
    else if (!isSuccess(this.status)) this.failAsHttp();
    else if (this.whole) this.completeWhole();
    else {
      finishStream(this.sse, this);
      if (!this.over) this.judge();
    }
  }

  private failAsHttp(): void {
    this.errorBody = textOf(this.body);
    this.fail(OUTCOME.http, `HTTP ${this.status}`);
  }

  /** The connection is gone. */
  lost(outcome: number, cause: string): void {
    if (this.over) return;
    if (completesAtClose(this.response) && outcome === OUTCOME.network && cause === CLOSED) this.complete();
    else if (!Number.isNaN(this.saidAll)) this.judge();
    // A service that refuses a request may hang up before it has read it, or said all: its status is the cause.
    else if (outcome === OUTCOME.network && this.status !== 0 && !isSuccess(this.status)) this.failAsHttp();
    else this.fail(outcome, cause);
  }

  /** Its connection is gone for good. */
  readonly release = (): void => endRun(this.sse.run);

  fail(outcome: number, cause: string): void {
    if (this.over) return;
    this.over = true;
    this.outcome = outcome;
    this.cause = cause;
    this.end = this.now;
  }

  private judge(): void {
    const { said, log, dialect } = this;
    const cause = faultIn(said, log.outputs, dialect.protocol.ending);
    settleCounts(said, log.outputs);
    if (cause === '') {
      this.over = true;
      this.end = this.now;
      return;
    }
    if (this.body.length > 0) this.errorBody ??= startOf(this.body);
    this.fail(OUTCOME.protocol, cause);
  }

  private completeWhole(): void {
    const delta = this.decode(textOf(this.body));
    if (delta === null) return;
    this.said.id = delta.id;
    this.said.done = true;
    this.take(delta, false);
    this.judge();
    this.body = emptyBody();
  }

  /** Notes the event and takes over what it says. */
  private take(delta: Delta, isFirst: boolean): void {
    const { said, log } = this;
    const stray = strayOutput(said, delta, log.outputs, isFirst);
    const kind = stray === '' ? KIND[kindOf(delta)] : KIND.text;
    logEither(log, wholeUs(this.now - this.sent), kind, isOutput(kind));
    if (isOutput(kind) && this.dialect.keepText) this.keepTexts(stray === '' ? delta : { text: stray });
    this.takeEnd(delta, delta.usage, isOutput(kind));
    said.error ??= delta.error;
    if (delta.error !== undefined) this.saidAll = this.now;
  }

  private takeEnd(says: Delta, counts: Usage | undefined, isOutput: boolean): void {
    takeEnd(this.said, says, counts);
    if (isOutput && says.usage?.outTokens !== undefined) countTokens(this.log, counts!.outTokens!);
    if (says.done) this.saidAll = this.now;
  }

  private decode(data: string): Delta | null {
    const delta = decodeAs(this.dialect, data, this.whole);
    if (typeof delta !== 'string') return delta;
    this.errorBody = startOf(data);
    this.fail(OUTCOME.protocol, delta);
    return null;
  }

  private keepTexts({ text, reasoning }: Delta): void {
    if (text !== undefined) appendParsed(this.text, text);
    if (reasoning !== undefined) appendParsed(this.reasoning, reasoning);
  }
}
