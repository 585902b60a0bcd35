/** What is known of one attempt: its times, the events of its answer, what the service said, and how it ended. */
import type { Delta, Usage } from '../../core/protocol.ts';
import { isOutput, KIND, NEVER, OUTCOME } from '../../core/records.ts';
import { type Dialect, decodeAs } from './dialect.ts';
import { type Fault, faultOf } from './fault.ts';
import { NO_FACTS } from './http/response-head.ts';
import type { Job } from './job.ts';
import {
  clearLog,
  countTokens,
  logEither,
  logEvents,
  logSilent,
  newEventLog,
  tooLong,
  wholeUs,
} from './logs/event-log.ts';
import { appendParsed, appendText, newTextLog } from './logs/text-log.ts';
import type { FinishedAttempt } from './recorder.ts';
import { forgetSaid, nothingSaid, strayOutput, takeEnd } from './said.ts';
import { kindOf } from './shapes/event-kind.ts';
import type { EventRun } from './shapes/event-run.ts';
import type { EventShape } from './shapes/event-shape.ts';
import type { ByteSource } from './shapes/read-buffer.ts';
import { type EventPlace, learnFrom } from './shapes/shape-table.ts';
import type { EventSink } from './sse-state.ts';
import { startOf } from './whole-body.ts';

/**
 * Belongs to one connection and is reused for each of its requests, so that a request allocates little.
 * `now` is set by the connection as the first thing of each read.
 */
export class AttemptRecord implements EventSink, FinishedAttempt {
  readonly log = newEventLog();
  readonly text = newTextLog();
  readonly reasoning = newTextLog();
  readonly said = nothingSaid();
  private readonly dialect: Dialect;
  job: Job = { index: 0, turn: 0, attempt: 0, due: 0, measured: false };
  now = 0;
  /** NaN until its bytes were handed to the socket. */
  sent = NEVER;
  firstByte = NEVER;
  end = 0;
  status = 0;
  facts = NO_FACTS;
  outcome: number = OUTCOME.ok;
  cause = '';
  errorBody: string | undefined;
  /** The attempt has ended. */
  over = true;
  /** An event with data has come. */
  hasData = false;
  /** Run time of the last output event; 0: none yet. */
  outputMs = 0;
  /** Run time at which the service said its last word; NaN until then. The rest of the response tells nothing. */
  saidAll = NEVER;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  begin(job: Job): void {
    this.job = job;
    this.sent = NEVER;
    this.firstByte = NEVER;
    this.status = 0;
    this.facts = NO_FACTS;
    this.outcome = OUTCOME.ok;
    this.cause = '';
    this.errorBody = undefined;
    this.over = false;
    this.hasData = false;
    this.outputMs = 0;
    this.saidAll = NEVER;
    this.text.length = 0;
    this.reasoning.length = 0;
    forgetSaid(this.said);
    clearLog(this.log);
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
    return this.cause === '' ? null : faultOf(this.dialect, this.cause, this.errorBody, this.facts);
  }

  succeed(): void {
    this.over = true;
    this.end = this.now;
  }

  /** Only the first failure counts, and none does after the end. */
  fail(outcome: number, cause: string): void {
    if (this.over) return;
    this.over = true;
    this.outcome = outcome;
    this.cause = cause;
    this.end = this.now;
  }

  onExpected({ shape, events, textFrom, textTo }: EventRun, bytes: Buffer): void {
    shape!.hits += events;
    this.log.outputs += events;
    logEvents(this.log, wholeUs(this.now - this.sent), shape!.code, events);
    if (!this.dialect.keepText) return;
    appendText(shape!.hasText ? this.text : this.reasoning, bytes, textFrom, textTo);
  }

  onShape(shape: EventShape, { bytes }: ByteSource): void {
    const { found } = this.dialect.shapes!;
    if (!this.hasData) {
      this.hasData = true;
      this.said.id = shape.hasId ? bytes.toString('utf8', found.idFrom, found.idTo) : shape.says.id;
    }
    logEither(this.log, wholeUs(this.now - this.sent), shape.code, shape.isOutput);
    if (shape.isLast) this.takeEnd(shape.says, found, shape.isOutput);
    if (!this.dialect.keepText) return;
    if (shape.hasText) appendText(this.text, bytes, found.textFrom, found.textTo);
    if (shape.hasReasoning) appendText(this.reasoning, bytes, found.reasoningFrom, found.reasoningTo);
  }

  onEvent(data: string, source: ByteSource, place: EventPlace | null): void {
    const delta = this.decode(data, false);
    if (delta === null) return;
    if (delta.error !== undefined) this.errorBody ??= startOf(data);
    // An id is taken from the first event only, so that comparing and parsing find the same one.
    const isFirst = !this.hasData;
    if (isFirst) this.said.id = delta.id;
    this.hasData = true;
    this.take(delta, isFirst);
    const { shapes } = this.dialect;
    if (shapes !== null && place !== null) learnFrom(shapes, source, place, delta);
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

  /** An answer that came in one piece. */
  onWhole(data: string): void {
    const delta = this.decode(data, true);
    if (delta === null) return;
    this.said.id = delta.id;
    this.said.done = true;
    this.take(delta, false);
  }

  /** Null when it cannot be read, which ends the attempt. */
  private decode(data: string, isWhole: boolean): Delta | null {
    const delta = decodeAs(this.dialect, data, isWhole);
    if (typeof delta !== 'string') return delta;
    this.errorBody = startOf(data);
    this.fail(OUTCOME.protocol, delta);
    return null;
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

  private keepTexts({ text, reasoning }: Delta): void {
    if (text !== undefined) appendParsed(this.text, text);
    if (reasoning !== undefined) appendParsed(this.reasoning, reasoning);
  }
}
