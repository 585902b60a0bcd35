/** One keep-alive connection: opens, carries one exchange at a time, stamps what arrives. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import type { Target } from '../../core/protocol.ts';
import type { Dialect } from './dialect.ts';
import { Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { CLOSED } from './fault.ts';
import { readResponse } from './http-response.ts';
import { isComplete } from './response-state.ts';
import { type ReadBuffer, seal } from './shapes/read-buffer.ts';
import type { ConnectionWatch } from './turn-watch.ts';

/** Where to connect. `address` is the first one that worked: later connections skip the name look-up. */
export interface Origin {
  secure: boolean;
  host: string;
  port: number;
  address: string | undefined;
  ca: string | undefined;
  insecure: boolean;
  /** What the service sends before it has our request may still reach us so long after we sent it, ms. */
  flightMs: number;
}

export function originOf(target: Target): Origin {
  const url = new URL(target.url);
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 443 : 80),
    address: undefined,
    ca: target.ca,
    insecure: target.insecure ?? false,
    flightMs: Number.POSITIVE_INFINITY,
  };
}

/** How an attempt ended, as far as pacing is concerned. */
export interface AttemptEnd {
  outcome: number;
  /** HTTP status, 0 when there was none. */
  status: number;
  /** What is known of a failure; null without one. */
  fault: Fault | null;
  cause: string;
  sentMs: number;
  endMs: number;
  /** Another attempt may help: no connection, or a status that says so. */
  retryable: boolean;
  /** There was no connection at all. */
  unreachable: boolean;
  /** How long the service asked to wait before another attempt. */
  retryAfterS?: number;
  /** Nothing of the service's doing: this host has no files or ports left. */
  isOwnLimit?: boolean;
  /** It went out twice: the first connection had been given up by the service. */
  resent?: boolean;
  /** The generated text, where the next turn of a conversation needs it. */
  answer?: string;
}
export type AttemptDone = (end: AttemptEnd) => void;

/** Figures that the reads of a worker add up. */
export interface ReadCounters {
  bytesIn: number;
  reads: number;
  coalescedReads: number;
  events: number;
  outputs: number;
  /** Output events that share a read with another one. */
  sharedOutputs: number;
  /** Requests that went out twice because the service had given up the connection of the first. */
  resent: number;
}

export function noReads(): ReadCounters {
  return { bytesIn: 0, reads: 0, coalescedReads: 0, events: 0, outputs: 0, sharedOutputs: 0, resent: 0 };
}

export interface ConnectionOwner {
  origin: Origin;
  clock: Clock;
  dialect: Dialect;
  buffer: ReadBuffer;
  counters: ReadCounters;
  watch: ConnectionWatch;
  onOpen(connection: Connection): void;
  /** The exchange is over; the connection may carry the next one if `reusable`. */
  onOver(connection: Connection, reusable: boolean): void;
  /** Nothing can be sent on it any more. An exchange that was under way is not over yet. */
  onGone(connection: Connection, cause: string): void;
}

/** Round trips vary. */
const FLIGHT_SLACK_MS = 5;

/** Why this host opens no more connections, in words. */
const OWN_LIMITS: Record<string, string> = {
  EMFILE: 'this process has no file left for another connection: raise `ulimit -n` or lower the concurrency',
  ENFILE: 'this host has no file left for another connection: close other programs or lower the concurrency',
  EADDRNOTAVAIL: 'this host has no local port left for another connection: lower the concurrency',
};

export function isOwnLimit(cause: string): boolean {
  return Object.values(OWN_LIMITS).some((limit) => cause.startsWith(limit));
}

export class Connection {
  readonly exchange: Exchange;
  readonly startedMs: number;
  isOpen = false;
  isGone = false;
  /** Answers that it has carried. */
  answers = 0;
  /** How long it had waited for work when its request began, ms. */
  idleMs = 0;
  /** Run time of the last byte in either direction. */
  activeMs: number;
  private readonly owner: ConnectionOwner;
  private readonly socket: Socket;
  /** Told when the exchange is over. */
  done: AttemptDone = () => {};
  /** Its request had been sent on another connection before. */
  isResend = false;
  private waiting: readonly Uint8Array[] | null = null;

  constructor(owner: ConnectionOwner) {
    this.owner = owner;
    this.exchange = new Exchange(owner.dialect);
    this.startedMs = owner.clock.now();
    this.activeMs = this.startedMs;
    owner.watch.sockets++;
    this.socket = openSocket(owner.origin, owner.buffer, (length) => {
      const now = owner.clock.now();
      this.received(now, length);
      if (owner.watch.watching) owner.watch.read(now);
      return true;
    });
    this.socket.once(owner.origin.secure ? 'secureConnect' : 'connect', () => this.opened());
    this.socket.on('error', (error) => this.gone(reasonOf(error)));
    this.socket.on('end', () => this.gone(CLOSED));
    this.socket.on('close', () => this.gone(CLOSED));
  }

  /**
   * Sends the request of the exchange that has begun, at once or when the connection is open. `sent` is
   * stamped right before the bytes go.
   */
  send(request: readonly Uint8Array[]): void {
    if (!this.isOpen) {
      this.waiting = request;
      return;
    }
    const { exchange, owner, socket } = this;
    exchange.sent = owner.clock.now();
    this.activeMs = exchange.sent;
    if (request.length === 1) {
      socket.write(request[0]);
      return;
    }
    socket.cork();
    for (const bytes of request) socket.write(bytes);
    socket.uncork();
  }

  destroy(): void {
    this.isGone = true;
    this.exchange.release();
    this.socket.destroy();
  }

  private opened(): void {
    this.isOpen = true;
    this.activeMs = this.owner.clock.now();
    const { remoteAddress } = this.socket;
    const { origin } = this.owner;
    origin.address ??= remoteAddress;
    const roundTripMs = this.activeMs - this.startedMs;
    origin.flightMs = isLoopback(remoteAddress)
      ? 0
      : Math.min(origin.flightMs, roundTripMs * 2 + FLIGHT_SLACK_MS);
    this.owner.onOpen(this);
    if (this.waiting !== null) this.send(this.waiting);
    this.waiting = null;
  }

  private received(now: number, length: number): void {
    const { exchange, owner } = this;
    const { counters, buffer } = owner;
    counters.bytesIn += length;
    if (exchange.over) {
      // Bytes that answer nothing: the connection is out of step.
      this.destroy();
      owner.onGone(this, 'the service sent bytes that no request asked for');
      return;
    }
    this.activeMs = now;
    exchange.now = now;
    if (Number.isNaN(exchange.firstByte)) exchange.firstByte = now;
    const { log, response } = exchange;
    const events = log.count;
    const outputs = log.outputs;
    seal(buffer, length);
    const used = readResponse(response, buffer, 0, length, exchange);
    if (isComplete(response)) exchange.complete();
    const found = log.count - events;
    if (found > 0) {
      counters.reads++;
      if (found > 1) counters.coalescedReads++;
      counters.events += found;
      const spoken = log.outputs - outputs;
      counters.outputs += spoken;
      if (spoken > 0) exchange.outputMs = now;
      exchange.checkLength();
      if (spoken > 1) counters.sharedOutputs += spoken;
    }
    if (!exchange.over) return;
    this.answers++;
    // A service that answers before it has the whole request may never read the rest.
    const isIdle = used === length && this.socket.writableLength === 0;
    owner.onOver(this, isComplete(response) && response.keepAlive && isIdle);
  }

  private gone(cause: string): void {
    if (this.isGone) return;
    this.destroy();
    this.owner.onGone(this, cause);
  }
}

/** Nothing is under way for long between two sockets of one host. */
function isLoopback(address = ''): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address);
}

/** When a name has several addresses and none answers, node wraps their errors in one without a message. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const limit = OWN_LIMITS[error.code ?? ''];
  return limit === undefined ? error.message || error.name : `${limit} (${error.code})`;
}

function openSocket(origin: Origin, buffer: ReadBuffer, onBytes: (length: number) => boolean): Socket {
  const { host, port } = origin;
  const options = {
    host: origin.address ?? host,
    port,
    noDelay: true,
    onread: { buffer: buffer.target, callback: onBytes },
  };
  if (!origin.secure) return connectTcp(options);
  return connectTls({
    ...options,
    servername: isIP(host) ? '' : host,
    ca: origin.ca,
    rejectUnauthorized: !origin.insecure,
    ALPNProtocols: ['http/1.1'],
  });
}
