/**
 * How long do bytes lie ready before they get their stamp? One call to the kernel tells the event loop of
 * many sockets, and it reads them one after another: the last one's stamp is late by the work of all the
 * others. Engines emit a whole batch in one instant, so this, not the load of the core, bounds the error
 * of a stamp. Some turns of the loop are watched, far apart; all other reads pay for one test of a flag.
 */
import type { Spread } from '../../core/health.ts';
import { createSpread } from './spread.ts';

/** What connections tell of themselves. */
export interface ConnectionWatch {
  /** Sockets opened so far. */
  sockets: number;
  /** Reads are to be told now. */
  watching: boolean;
  /** A read that was stamped at `stampMs` has just been processed. */
  read(stampMs: number): void;
}

export interface TurnWatch extends ConnectionWatch {
  /** The next turn that reads something is watched, until the loop has nothing left to read. */
  arm(): void;
  clear(): void;
  stampWait(): Spread;
  readWork(): Spread;
}

export interface TurnWatchOptions {
  /** ms. */
  now(): number;
  /** Calls back after the reads of this turn of the event loop: `setImmediate`. */
  afterTurn(act: () => void): void;
}

/** Watching ends after so many turns even if the loop never comes to rest, so that it stays rare. */
const MAX_TURNS = 4;

export function createTurnWatch(options: TurnWatchOptions): TurnWatch {
  const stampWait = createSpread();
  const readWork = createSpread();
  let turns = 0;
  let reads = 0;
  /** No byte that is read in this turn can have been ready before this; NaN until the first read. */
  let readySinceMs = Number.NaN;
  let turnStartMs = 0;

  /**
   * While this callback is set the loop does not sleep: sockets read in the next turn became ready after
   * the kernel was asked last, at the start of this turn.
   */
  function turnEnded(): void {
    turns++;
    if (reads === 0 || turns === MAX_TURNS) {
      watch.watching = false;
      return;
    }
    reads = 0;
    readySinceMs = turnStartMs;
    turnStartMs = options.now();
    options.afterTurn(turnEnded);
  }

  const watch: TurnWatch = {
    sockets: 0,
    watching: false,
    read(stampMs) {
      if (Number.isNaN(readySinceMs)) {
        readySinceMs = stampMs;
        turnStartMs = stampMs;
        options.afterTurn(turnEnded);
      }
      reads++;
      stampWait.add(stampMs - readySinceMs);
      readWork.add(options.now() - stampMs);
    },
    arm() {
      if (watch.watching) return;
      turns = 0;
      reads = 0;
      readySinceMs = Number.NaN;
      watch.watching = true;
    },
    clear() {
      stampWait.clear();
      readWork.clear();
    },
    stampWait: () => stampWait.read(),
    readWork: () => readWork.read(),
  };
  return watch;
}

/** For a client that nobody watches. */
export function noWatch(): ConnectionWatch {
  return { sockets: 0, watching: false, read: () => {} };
}
