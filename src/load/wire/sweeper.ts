/** Ends attempts that have broken a limit: of time, or of the memory that answers may take. */
import type { Timeouts } from '../../core/plan.ts';
import { OUTCOME } from '../../core/records.ts';
import { beyondBudget, MAX_HELD_BYTES } from './answer-memory.ts';
import type { Connections } from './client-options.ts';
import type { Connection } from './connection.ts';
import { CLOSED } from './fault.ts';
import { giveUp, settle } from './under-way.ts';

/** A service that has said its last word has this long to end the response; then we end it. */
const FORMALITY_MS = 1000;
/** A limit is noticed after an eighth of it, but no more often and no less often than this. */
const SWEEPS_PER_LIMIT = 8;
const MIN_SWEEP_MS = 10;
const MAX_SWEEP_MS = 250;

/** Returns what stops it. */
export function startSweeper(all: Connections): () => void {
  const { connectMs, silenceMs, stallMs, totalMs } = all.options.timeouts;
  const shortest = Math.min(connectMs, silenceMs, stallMs, totalMs ?? Number.POSITIVE_INFINITY);
  const everyMs = Math.min(MAX_SWEEP_MS, Math.max(MIN_SWEEP_MS, shortest / SWEEPS_PER_LIMIT));
  const sweeper = setInterval(() => sweep(all), everyMs);
  return () => clearInterval(sweeper);
}

function sweep(all: Connections): void {
  const now = all.options.clock.now();
  keepBudget(all, now);
  dropLateOpenings(all, now);
  for (const connection of [...all.active]) keepTime(all, connection, now);
}

function keepBudget(all: Connections, now: number): void {
  const { maxHeldBytes = MAX_HELD_BYTES } = all.options;
  for (const connection of beyondBudget(all.active, maxHeldBytes)) {
    const mebibytes = Math.round(maxHeldBytes / 1024 / 1024);
    const cause = `the unfinished answers take more than ${mebibytes} MiB, and this is the largest`;
    giveUp(all, connection, { outcome: OUTCOME.protocol, cause, now });
  }
}

function dropLateOpenings({ opening, options, owner }: Connections, now: number): void {
  for (const connection of [...opening.keys()]) {
    if (now - connection.startedMs <= options.timeouts.connectMs) continue;
    connection.destroy();
    owner.onGone(connection, 'no connection in time');
  }
}

function keepTime(all: Connections, connection: Connection, now: number): void {
  const { record } = connection.exchange;
  if (Number.isNaN(record.saidAll)) {
    const cause = brokenLimit(connection, all.options.timeouts, now);
    if (cause !== null) giveUp(all, connection, { outcome: OUTCOME.timeout, cause, now });
  } else if (now - record.saidAll > FORMALITY_MS) {
    connection.destroy();
    record.now = record.saidAll;
    connection.exchange.lost(OUTCOME.network, CLOSED);
    settle(all, connection);
  }
}

/** Which time limit an attempt under way has broken, in words; null: none. */
function brokenLimit(
  { isOpen, startedMs, activeMs, exchange }: Connection,
  { connectMs, silenceMs, stallMs, totalMs }: Timeouts,
  now: number,
): string | null {
  const { sent, outputMs } = exchange.record;
  if (!isOpen) return now - startedMs > connectMs ? `no connection within ${connectMs} ms` : null;
  if (totalMs !== null && now - sent > totalMs) return `no complete response within ${totalMs} ms`;
  if (now - activeMs > silenceMs) return `the service was silent for ${silenceMs} ms`;
  const isStalled = now - Math.max(sent, outputMs) > stallMs;
  return isStalled ? `no output for ${stallMs} ms, although the connection was open` : null;
}
