/** The connections that wait for work, and whether a connection may carry a second request at all. */
import type { Connection } from './connection.ts';

export interface IdleConnections {
  readonly count: number;
  /** One that may be used now. */
  take(): Connection | undefined;
  /** Keeps it for later, or closes it where nothing is to be used twice. */
  add(connection: Connection): void;
  /** It is gone. */
  remove(connection: Connection): void;
  /** A request was lost with a connection that had been used before. True once: when none is used twice from now on. */
  lost(): boolean;
  /** How many more connections to open now, so that the next requests find one open. */
  missing(active: number, opening: number): number;
  all(): readonly Connection[];
}

/** After so many losses no connection is used twice: some services close each one although they offer to keep it. */
const MAX_LOSSES = 3;
/** A connection is used within this share of the time the service keeps it, because its clock started before ours. */
const KEPT_SHARE = 0.9;
/**
 * So many requests under way have one spare connection. Answers rarely end all at once, and a waiting connection may
 * hold a thread of the service.
 */
const ACTIVE_PER_SPARE = 4;
const MAX_SPARES = 16;

export function createIdleConnections(now: () => number): IdleConnections {
  const idle: Connection[] = [];
  let losses = 0;
  const isReusing = () => losses < MAX_LOSSES;

  function expired({ activeMs, exchange }: Connection): boolean {
    const { keepAliveMs } = exchange.response.facts;
    return keepAliveMs !== undefined && now() - activeMs >= keepAliveMs * KEPT_SHARE;
  }

  return {
    get count() {
      return idle.length;
    },
    take() {
      for (;;) {
        // The last one used is the least likely to be given up; of new ones the service serves the first one first.
        const connection = isReusing() ? idle.pop() : idle.shift();
        if (connection === undefined || !expired(connection)) return connection;
        connection.destroy();
      }
    },
    add(connection) {
      if (isReusing() || connection.answers === 0) idle.push(connection);
      else connection.destroy();
    },
    remove(connection) {
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    },
    lost() {
      losses++;
      if (losses !== MAX_LOSSES) return false;
      const used = idle.filter(({ answers }) => answers > 0);
      for (const connection of used) {
        connection.destroy();
        this.remove(connection);
      }
      return true;
    },
    missing(active, opening) {
      if (isReusing()) return 0;
      const wanted = Math.min(MAX_SPARES, Math.ceil(active / ACTIVE_PER_SPARE));
      return Math.max(0, wanted - idle.length - opening);
    },
    all: () => idle,
  };
}
