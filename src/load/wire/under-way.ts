/** The attempts under way: how each begins, and the ways in which it ends. */
import { OUTCOME } from '../../core/records.ts';
import { trimAnswer } from './answer-memory.ts';
import { type AttemptDone, attemptEnd } from './attempt-end.ts';
import type { Connections } from './client-options.ts';
import { Connection } from './connection.ts';
import { withoutEchoes } from './echoes.ts';
import { CLOSED } from './fault.ts';
import type { Job } from './job.ts';
import { unescaped } from './row-notes.ts';

/** A connection that was opened ahead may have been given up after so long; lost sooner, it is a failure. */
const IDLE_MS = 1000;
/**
 * A service that closes after its answers does so within this time. A connection that was quiet for longer is read
 * once more before it is used; where the service closes it in answer to the request, it has swallowed the request.
 */
const QUIET_MS = 100;
const NO_REUSE =
  'The service closes connections that it offered to keep open, so requests were lost and sent again. From now on, every request gets its own connection, opened in advance.';

export function startAttempt(all: Connections, connection: Connection, job: Job, done: AttemptDone): void {
  const { options, idle, active, opening } = all;
  const { exchange } = connection;
  connection.idleMs = options.clock.now() - connection.activeMs;
  exchange.begin(job);
  connection.done = done;
  active.add(connection);
  const send = () => connection.send(job.bytes ?? options.requests(job));
  if (connection.idleMs < QUIET_MS) send();
  else whenUpToDate(() => exchange.record.job === job && !exchange.record.over && send());
  for (let more = idle.missing(active.size, opening.size); more > 0; more--) void openOne(all);
}

/** By the second turn from now, whatever has arrived has been read: a connection may turn out to be closed. */
function whenUpToDate(act: () => void): void {
  setImmediate(() => setImmediate(act));
}

/** Opens a connection ahead; settles when it is open or has failed. */
export function openOne({ opening, owner }: Connections): Promise<void> {
  return new Promise((resolve) => {
    opening.set(new Connection(owner), resolve);
  });
}

/** The connection's attempt is over: records it, frees the connection, tells who waits. */
export function settle({ options, idle, active }: Connections, connection: Connection): void {
  const { exchange, done } = connection;
  const { record } = exchange;
  active.delete(connection);
  if (Number.isNaN(record.sent)) record.sent = connection.startedMs;
  const end = attemptEnd(record, connection.isOpen, connection.isResend);
  connection.isResend = false;
  withoutEchoes(record, options.dialect);
  if (options.tellAnswers) end.answer = unescaped(record.text.bytes.toString('utf8', 0, record.text.length));
  if (record.job.measured) options.recorder.append(record);
  trimAnswer(exchange);
  // Back in the pool first: the slot that came free may send on it at once.
  if (!connection.isGone) idle.add(connection);
  done(end);
}

/** Why and when we end an attempt ourselves. */
export interface GivenUp {
  outcome: number;
  cause: string;
  now: number;
}

export function giveUp(all: Connections, connection: Connection, { outcome, cause, now }: GivenUp): void {
  const { record } = connection.exchange;
  record.now = now;
  record.fail(outcome, cause);
  connection.destroy();
  settle(all, connection);
}

/** Nothing can be sent on the connection any more. */
export function lose(all: Connections, connection: Connection, cause: string): void {
  const { options, idle, active, opening } = all;
  idle.remove(connection);
  opening.get(connection)?.();
  opening.delete(connection);
  if (!active.has(connection)) return;
  if (carriedNothing(all, connection, cause)) {
    resend(all, connection);
    return;
  }
  connection.exchange.record.now = options.clock.now();
  connection.exchange.lost(OUTCOME.network, connection.isOpen && cause === CLOSED ? CLOSED : cause);
  settle(all, connection);
}

/** A kept connection that is lost without a byte of answer was given up before our request reached the service. */
function carriedNothing({ options }: Connections, connection: Connection, cause: string): boolean {
  const { exchange, answers, idleMs, isResend } = connection;
  const { sent, firstByte } = exchange.record;
  if (isResend || !connection.isOpen || !Number.isNaN(firstByte)) return false;
  if (Number.isNaN(sent)) return true;
  if (answers === 0) return idleMs >= IDLE_MS;
  const isSwallowed = cause === CLOSED && options.clock.now() - sent > options.origin.flightMs;
  return idleMs < QUIET_MS || !isSwallowed;
}

/** No failure of the service: the request goes out once more, on a connection of its own. */
function resend(all: Connections, gone: Connection): void {
  const { options, owner, idle, active } = all;
  const { record } = gone.exchange;
  active.delete(gone);
  record.over = true;
  const connection = new Connection(owner);
  connection.isResend = !Number.isNaN(record.sent);
  if (connection.isResend) {
    options.counters.resent++;
    if (idle.lost()) options.onNotice?.(NO_REUSE);
  }
  startAttempt(all, connection, record.job, gone.done);
}
