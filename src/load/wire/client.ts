/** Sends attempts over a pool of keep-alive connections, watches their time limits, records their ends. */
import type { Clock } from '../../core/clock.ts';
import type { Timeouts } from '../../core/plan.ts';
import { OUTCOME } from '../../core/records.ts';
import { beyondBudget, MOST_HELD_BYTES, trimAnswer } from './answer-memory.ts';
import {
  type AttemptDone,
  type AttemptEnd,
  Connection,
  type ConnectionOwner,
  isOwnLimit,
  type Origin,
  type ReadCounters,
} from './connection.ts';
import type { Dialect } from './dialect.ts';
import { withoutEchoes } from './echoes.ts';
import type { Exchange } from './exchange.ts';
import { CLOSED } from './fault.ts';
import { createIdleConnections } from './idle-connections.ts';
import type { Job } from './job.ts';
import type { Recorder } from './recorder.ts';
import type { RequestBytes } from './request.ts';
import { unescaped } from './row-notes.ts';
import { createReadBuffer } from './shapes/read-buffer.ts';
import { type ConnectionWatch, noWatch } from './turn-watch.ts';

/** Everything the loop needs of a client. */
export interface Sender {
  /** Starts one attempt. `done` is called once, never before `send` has returned. */
  send(job: Job, done: AttemptDone): void;
  /** Ends all attempts under way as cancelled. */
  cancelAll(): void;
  /** Ends the attempt of this very job as cancelled, if it is under way. */
  cancel(job: Job): void;
}

export interface Client extends Sender {
  /** Opens up to `count` idle connections; settles when each is open or has failed. */
  openAhead(count: number): Promise<void>;
  /** Run time at which the attempt was sent that has been under way for longest; NaN: none is. */
  oldestMs(): number;
  close(): void;
}

export interface ClientOptions {
  origin: Origin;
  clock: Clock;
  dialect: Dialect;
  requests: RequestBytes;
  timeouts: Timeouts;
  recorder: Pick<Recorder, 'append'>;
  counters: ReadCounters;
  /** Ends of attempts tell what the service answered, which the dialect has to keep then. */
  tellAnswers?: boolean;
  /** What the answers under way may take in all; default: 1 GiB. */
  mostHeldBytes?: number;
  /** Told once what a user should know about the service's ways. */
  onNotice?(text: string): void;
  /** Told of sockets and, now and then, of reads; default: nobody is. */
  watch?: ConnectionWatch;
}

/** A service that has said its last word has this long to end the response before we do it. */
const FORMALITY_MS = 1000;
/** A connection that was opened ahead may have been given up after so long; lost sooner, it is a failure. */
const IDLE_MS = 1000;
/**
 * A service that closes after its answers does so within this time. A connection that was quiet for longer is read
 * once more before it is used; where the service closes it in answer to the request, it has swallowed the request.
 */
const QUIET_MS = 100;
const NO_REUSE =
  'The service closes connections that it offered to keep, and requests were lost with them and sent again: every request now gets a connection of its own, opened ahead.';
const MAX_CONNECTING = 256;
const RETRY_STATUS = new Set([429, 502, 503, 504]);

export function createClient(options: ClientOptions): Client {
  const { clock, recorder, requests, timeouts, mostHeldBytes = MOST_HELD_BYTES } = options;
  const idle = createIdleConnections(clock.now);
  const active = new Set<Connection>();
  /** Connections opened ahead that are neither open nor gone yet. */
  const opening = new Map<Connection, () => void>();

  const owner: ConnectionOwner = {
    ...options,
    watch: options.watch ?? noWatch(),
    buffer: createReadBuffer(),
    onOpen(connection) {
      const opened = opening.get(connection);
      if (opened === undefined) return;
      opening.delete(connection);
      idle.add(connection);
      opened();
    },
    onOver(connection, reusable) {
      if (!reusable) connection.destroy();
      settle(connection);
    },
    onGone(connection, cause) {
      idle.remove(connection);
      opening.get(connection)?.();
      opening.delete(connection);
      if (!active.has(connection)) return;
      const { exchange } = connection;
      if (carriedNothing(connection, cause)) {
        resend(connection);
        return;
      }
      exchange.now = clock.now();
      exchange.lost(OUTCOME.network, connection.isOpen && cause === CLOSED ? CLOSED : cause);
      settle(connection);
    },
  };

  function start(connection: Connection, job: Job, done: AttemptDone): void {
    const { exchange } = connection;
    connection.idleMs = clock.now() - connection.activeMs;
    exchange.begin(job);
    connection.done = done;
    active.add(connection);
    const send = () => connection.send(job.bytes ?? requests(job));
    if (connection.idleMs < QUIET_MS) send();
    else whenUpToDate(() => exchange.job === job && !exchange.over && send());
    for (let more = idle.missing(active.size, opening.size); more > 0; more--) void openOne();
  }

  /** By the second turn from now, whatever has arrived has been read: a connection may turn out to be closed. */
  function whenUpToDate(act: () => void): void {
    setImmediate(() => setImmediate(act));
  }

  /** A kept connection that is lost without a byte of answer was given up before our request reached the service. */
  function carriedNothing(connection: Connection, cause: string): boolean {
    const { exchange, answers, idleMs, isResend } = connection;
    if (isResend || !connection.isOpen || !Number.isNaN(exchange.firstByte)) return false;
    if (Number.isNaN(exchange.sent)) return true;
    if (answers === 0) return idleMs >= IDLE_MS;
    const isSwallowed = cause === CLOSED && clock.now() - exchange.sent > options.origin.flightMs;
    return idleMs < QUIET_MS || !isSwallowed;
  }

  /** No failure of the service: the request goes out once more, on a connection of its own. */
  function resend(gone: Connection): void {
    active.delete(gone);
    gone.exchange.over = true;
    const connection = new Connection(owner);
    connection.isResend = !Number.isNaN(gone.exchange.sent);
    if (connection.isResend) {
      options.counters.resent++;
      if (idle.lost()) options.onNotice?.(NO_REUSE);
    }
    start(connection, gone.exchange.job, gone.done);
  }

  /** The connection's exchange is over: records it, frees the connection, tells who waits. */
  function settle(connection: Connection): void {
    const { exchange, done } = connection;
    active.delete(connection);
    if (Number.isNaN(exchange.sent)) exchange.sent = connection.startedMs;
    const end = endOf(exchange, connection);
    connection.isResend = false;
    withoutEchoes(exchange, options.dialect);
    if (options.tellAnswers)
      end.answer = unescaped(exchange.text.bytes.toString('utf8', 0, exchange.text.length));
    if (exchange.job.measured) recorder.append(exchange);
    trimAnswer(exchange);
    // Back in the pool first: the slot that came free may send on it at once.
    if (!connection.isGone) idle.add(connection);
    done(end);
  }

  function giveUp(connection: Connection, outcome: number, cause: string, now: number): void {
    connection.exchange.now = now;
    connection.exchange.fail(outcome, cause);
    connection.destroy();
    settle(connection);
  }

  function keepBudget(now: number): void {
    for (const connection of beyondBudget(active, mostHeldBytes)) {
      const mebibytes = Math.round(mostHeldBytes / 1024 / 1024);
      const cause = `the answers under way take more than ${mebibytes} MiB, and this is the largest`;
      giveUp(connection, OUTCOME.protocol, cause, now);
    }
  }

  function sweep(): void {
    const now = clock.now();
    keepBudget(now);
    for (const connection of [...opening.keys()])
      if (now - connection.startedMs > timeouts.connectMs) {
        connection.destroy();
        owner.onGone(connection, 'no connection in time');
      }
    for (const connection of [...active]) {
      const { exchange } = connection;
      if (Number.isNaN(exchange.saidAll)) {
        const cause = brokenLimit(connection, timeouts, now);
        if (cause !== null) giveUp(connection, OUTCOME.timeout, cause, now);
      } else if (now - exchange.saidAll > FORMALITY_MS) {
        connection.destroy();
        exchange.now = exchange.saidAll;
        exchange.lost(OUTCOME.network, CLOSED);
        settle(connection);
      }
    }
  }
  const shortest = Math.min(
    timeouts.connectMs,
    timeouts.silenceMs,
    timeouts.stallMs,
    timeouts.totalMs ?? Number.POSITIVE_INFINITY,
  );
  const sweeper = setInterval(sweep, Math.min(250, Math.max(10, shortest / 8)));

  function openOne(): Promise<void> {
    return new Promise((resolve) => {
      opening.set(new Connection(owner), resolve);
    });
  }

  return {
    send(job, done) {
      start(idle.take() ?? new Connection(owner), job, done);
    },
    cancelAll() {
      const now = clock.now();
      for (const connection of [...active])
        giveUp(connection, OUTCOME.cancelled, 'cancelled: the run was over', now);
    },
    cancel(job) {
      for (const connection of active) {
        if (connection.exchange.job !== job) continue;
        giveUp(connection, OUTCOME.cancelled, 'cancelled: its slot goes over to the run', clock.now());
        return;
      }
    },
    async openAhead(count) {
      const missing = () => count - idle.count;
      // The first one finds out which address works.
      if (missing() > 0) await openOne();
      while (missing() > 0) {
        const before = idle.count;
        await Promise.all(Array.from({ length: Math.min(missing(), MAX_CONNECTING) }, openOne));
        if (idle.count === before) return;
      }
    },
    oldestMs() {
      for (const { exchange } of active) if (!Number.isNaN(exchange.sent)) return exchange.sent;
      return Number.NaN;
    },
    close() {
      clearInterval(sweeper);
      for (const connection of [...idle.all(), ...opening.keys(), ...active]) connection.destroy();
    },
  };
}

/** Which time limit an attempt under way has broken, in words; null: none. */
function brokenLimit({ isOpen, startedMs, activeMs, exchange }: Connection, limits: Timeouts, now: number) {
  const { connectMs, silenceMs, stallMs, totalMs } = limits;
  if (!isOpen) return now - startedMs > connectMs ? `no connection within ${connectMs} ms` : null;
  if (totalMs !== null && now - exchange.sent > totalMs) return `no complete response within ${totalMs} ms`;
  if (now - activeMs > silenceMs) return `the service was silent for ${silenceMs} ms`;
  const outputMs = Math.max(exchange.sent, exchange.outputMs);
  return now - outputMs > stallMs ? `no output for ${stallMs} ms, though the connection lived` : null;
}

function endOf(exchange: Exchange, connection: Connection): AttemptEnd {
  const { outcome, status, sent, end } = exchange;
  const silent = Number.isNaN(exchange.firstByte);
  const failedToConnect = !connection.isOpen && outcome !== OUTCOME.cancelled;
  const { fault } = exchange;
  return {
    outcome,
    status,
    fault,
    cause: fault?.cause ?? '',
    sentMs: sent,
    endMs: end,
    retryable:
      failedToConnect ||
      (outcome === OUTCOME.network && silent) ||
      (outcome === OUTCOME.http && RETRY_STATUS.has(status)),
    unreachable: failedToConnect,
    ...(failedToConnect && isOwnLimit(exchange.cause) && { isOwnLimit: true }),
    ...(fault?.retryAfterS !== undefined && { retryAfterS: fault.retryAfterS }),
    ...(connection.isResend && { resent: true }),
  };
}
