/** Sends attempts over a pool of keep-alive connections, watches their limits, records their ends. */
import { OUTCOME } from '../../core/records.ts';
import type { AttemptDone } from './attempt-end.ts';
import type { ClientOptions, Connections } from './client-options.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { createIdleConnections } from './idle-connections.ts';
import type { Job } from './job.ts';
import { createReadBuffer } from './shapes/read-buffer.ts';
import { startSweeper } from './sweeper.ts';
import { noWatch } from './turn-watch.ts';
import { giveUp, lose, openOne, settle, startAttempt } from './under-way.ts';

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

/** Most connections that are opened at the same time. */
const MAX_CONNECTING = 256;

export function createClient(options: ClientOptions): Client {
  const { clock } = options;
  const all = createConnections(options);
  const { active, idle, opening } = all;
  const stopSweeper = startSweeper(all);
  return {
    send(job, done) {
      startAttempt(all, idle.take() ?? new Connection(all.owner), job, done);
    },
    cancelAll() {
      const why = { outcome: OUTCOME.cancelled, cause: 'cancelled: the run was over', now: clock.now() };
      for (const connection of [...active]) giveUp(all, connection, why);
    },
    cancel(job) {
      const cause = 'cancelled: the run takes over its slot';
      for (const connection of active) {
        if (connection.exchange.record.job !== job) continue;
        giveUp(all, connection, { outcome: OUTCOME.cancelled, cause, now: clock.now() });
        return;
      }
    },
    openAhead: (count) => openAhead(all, count),
    oldestMs() {
      for (const { exchange } of active) {
        if (!Number.isNaN(exchange.record.sent)) return exchange.record.sent;
      }
      return Number.NaN;
    },
    close() {
      stopSweeper();
      for (const connection of [...idle.all(), ...opening.keys(), ...active]) connection.destroy();
    },
  };
}

function createConnections(options: ClientOptions): Connections {
  const owner: ConnectionOwner = {
    ...options,
    watch: options.watch ?? noWatch(),
    buffer: createReadBuffer(),
    onOpen(connection) {
      const opened = all.opening.get(connection);
      if (opened === undefined) return;
      all.opening.delete(connection);
      all.idle.add(connection);
      opened();
    },
    onOver(connection, reusable) {
      if (!reusable) connection.destroy();
      settle(all, connection);
    },
    onGone: (connection, cause) => lose(all, connection, cause),
  };
  const all: Connections = {
    options,
    owner,
    idle: createIdleConnections(options.clock.now),
    active: new Set(),
    opening: new Map(),
  };
  return all;
}

async function openAhead(all: Connections, count: number): Promise<void> {
  const { idle } = all;
  const missing = () => count - idle.count;
  // The first one finds out which address works.
  if (missing() > 0) await openOne(all);
  while (missing() > 0) {
    const before = idle.count;
    const opened = Array.from({ length: Math.min(missing(), MAX_CONNECTING) }, () => openOne(all));
    await Promise.all(opened);
    if (idle.count === before) return;
  }
}
