/** One attempt on a connection: reads its response and says when and how the attempt has ended. */
import { OUTCOME } from '../../core/records.ts';
import { AttemptRecord } from './attempt-record.ts';
import type { Dialect } from './dialect.ts';
import { CLOSED } from './fault.ts';
import {
  completesAtClose,
  expectResponse,
  newResponseState,
  type ResponseSink,
  type ResponseState,
} from './http/response-state.ts';
import type { Job } from './job.ts';
import { faultIn, settleCounts } from './said.ts';
import { endRun } from './shapes/event-run.ts';
import type { ByteSource } from './shapes/read-buffer.ts';
import { finishStream, scanChunks, scanEvents } from './sse.ts';
import { newSseState, type SseState, startStream } from './sse-state.ts';
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

/** Belongs to one connection and is reused for each of its requests, as its record is. */
export class Exchange implements ResponseSink {
  readonly record: AttemptRecord;
  readonly response: ResponseState;
  readonly sse: SseState;
  /** The raw bytes of an error, of an answer in one piece, or of a body that has held no event so far. */
  body = emptyBody();
  /** The answer comes in one piece, whether or not it was asked for so. */
  private isWhole = false;
  private readonly dialect: Dialect;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.record = new AttemptRecord(dialect);
    this.response = newResponseState(this, dialect.lastHead);
    this.sse = newSseState(this.record, dialect.shapes);
  }

  begin(job: Job): void {
    this.isWhole = !this.dialect.stream;
    this.body = emptyBody();
    this.record.begin(job);
    startStream(this.sse);
    expectResponse(this.response);
  }

  get over(): boolean {
    return this.record.over;
  }

  onHead(status: number): void {
    this.record.status = status;
    this.record.facts = this.response.facts;
  }

  onBody(source: ByteSource, from: number, to: number): void {
    const { body, record } = this;
    // The first bytes of the body tell: some services answer with a page or one JSON object instead of a stream.
    if (!record.hasData && body.length === 0 && record.log.count === 0) {
      this.isWhole ||= startsDocument(source.bytes, from, to);
    }
    if (!isSuccess(record.status)) {
      if (!keepStart(body, source.bytes, from, to)) this.failAsHttp();
    } else if (!this.isWhole) {
      scanEvents(this.sse, source, from, to);
      if (!record.hasData) keepStart(body, source.bytes, from, to);
    } else if (body.length + to - from <= MAX_BODY_BYTES) keepBytes(body, source.bytes, from, to);
    else record.fail(OUTCOME.protocol, `the response is longer than ${MAX_BODY_BYTES} bytes`);
  }

  onChunks(source: ByteSource, from: number, to: number): number {
    return scanChunks(this.sse, source, from, to);
  }

  /** The body has ended as HTTP says it should. */
  complete(): void {
    const { record, response } = this;
    if (record.over) return;
    if (response.invalid !== '') record.fail(OUTCOME.protocol, response.invalid);
    else if (!isSuccess(record.status)) this.failAsHttp();
    else {
      if (this.isWhole) record.onWhole(textOf(this.body));
      else finishStream(this.sse);
      if (!record.over) this.judge();
    }
  }

  /** The connection is gone. */
  lost(outcome: number, cause: string): void {
    const { record } = this;
    if (record.over) return;
    if (completesAtClose(this.response) && outcome === OUTCOME.network && cause === CLOSED) this.complete();
    else if (!Number.isNaN(record.saidAll)) this.judge();
    // A service that refuses a request may hang up before it has read it, or said all: its status is the cause.
    else if (outcome === OUTCOME.network && record.status !== 0 && !isSuccess(record.status)) {
      this.failAsHttp();
    } else record.fail(outcome, cause);
  }

  /** Its connection is gone for good. */
  release(): void {
    endRun(this.sse.run);
  }

  private failAsHttp(): void {
    this.record.errorBody = textOf(this.body);
    this.record.fail(OUTCOME.http, `HTTP ${this.record.status}`);
  }

  /** The answer has come to its end: decides whether it is a good one. */
  private judge(): void {
    const { record, body } = this;
    const { said, log } = record;
    const cause = faultIn(said, log.outputs, this.dialect.protocol.ending);
    settleCounts(said, log.outputs);
    if (cause === '') {
      record.succeed();
      return;
    }
    if (body.length > 0) record.errorBody ??= startOf(body);
    record.fail(OUTCOME.protocol, cause);
  }
}
