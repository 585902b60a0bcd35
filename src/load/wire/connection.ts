/** One keep-alive connection: opens, carries one exchange at a time, stamps what arrives. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import type { Target } from '../../core/protocol.ts';
import type { AttemptDone } from './attempt-end.ts';
import type { Dialect } from './dialect.ts';
import { Exchange } from './exchange.ts';
import { CLOSED } from './fault.ts';
import { readResponse } from './http/http-response.ts';
import { isComplete } from './http/response-state.ts';
import { connectionFault } from './own-limits.ts';
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
  /** What the service sent before it had our request can reach us up to so many ms after we sent it. */
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

/** Round trips vary by about so much. */
const FLIGHT_SLACK_MS = 5;

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
    this.socket.on('error', (error) => this.gone(connectionFault(error)));
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
    const sentMs = owner.clock.now();
    exchange.record.sent = sentMs;
    this.activeMs = sentMs;
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
    const { record, response } = exchange;
    owner.counters.bytesIn += length;
    if (record.over) {
      // Bytes that answer nothing: the connection is out of step.
      this.destroy();
      owner.onGone(this, 'the service sent bytes without a request');
      return;
    }
    this.activeMs = now;
    record.now = now;
    if (Number.isNaN(record.firstByte)) record.firstByte = now;
    const events = record.log.count;
    const outputs = record.log.outputs;
    seal(owner.buffer, length);
    const used = readResponse(response, owner.buffer, 0, length);
    if (isComplete(response)) exchange.complete();
    if (record.log.count > events) this.countEvents(now, events, outputs);
    if (!record.over) return;
    this.answers++;
    // A service that answers before it has the whole request may never read the rest.
    const isIdle = used === length && this.socket.writableLength === 0;
    owner.onOver(this, isComplete(response) && response.keepAlive && isIdle);
  }

  /** A read has brought events: `events` and `outputs` are how many there were before. */
  private countEvents(now: number, events: number, outputs: number): void {
    const { counters } = this.owner;
    const { record } = this.exchange;
    const found = record.log.count - events;
    const spoken = record.log.outputs - outputs;
    counters.reads++;
    if (found > 1) counters.coalescedReads++;
    counters.events += found;
    counters.outputs += spoken;
    if (spoken > 0) record.outputMs = now;
    record.checkLength();
    if (spoken > 1) counters.sharedOutputs += spoken;
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
