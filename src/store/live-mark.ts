/**
 * `live.json` in a run folder says that its run is still going on, so that a recalculation keeps its hands off. The mark
 * of a process that was killed does not count: it names the process, and it is touched every few seconds.
 */
import { readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { quietly } from './quietly.ts';

export interface LiveRun {
  pid: number;
  host: string;
}

export interface LiveMark {
  /** The run is over. */
  remove(): void;
}

interface Mark extends LiveRun {
  /** Where `pid` means this process: the same machine since the same start of it, and the same set of process ids. */
  space: string;
  /** Start of the process in ticks since the machine's, as its id may be given to another; null where it is not known. */
  startTicks: string | null;
}

const FILE = 'live.json';
const BEAT_MS = 5000;
/** A process that is seen from another host counts as dead after so long a silence. */
const STALE_MS = 60_000;

/** Marks the run of this process as going on. Throws when the folder cannot be written. */
export function markLive(runDir: string): LiveMark {
  const file = join(runDir, FILE);
  const { pid } = process;
  const mark: Mark = { pid, host: hostname(), space: processSpace(), startTicks: startTicksOf(pid) };
  writeFileSync(file, `${JSON.stringify(mark)}\n`);
  const beat = setInterval(() => quietly(() => utimesSync(file, new Date(), new Date())), BEAT_MS).unref();
  return {
    remove() {
      clearInterval(beat);
      quietly(() => rmSync(file, { force: true }));
    },
  };
}

/** Whose run of this folder is going on now; null when none is. */
export function liveRunOf(runDir: string): LiveRun | null {
  const file = join(runDir, FILE);
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as Mark;
    const ageMs = Date.now() - statSync(file).mtimeMs;
    return isAlive(mark, ageMs) ? { pid: mark.pid, host: mark.host } : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, space, startTicks }: Mark, ageMs: number): boolean {
  if (space !== processSpace() || startTicks === null) return ageMs < STALE_MS;
  return startTicksOf(pid) === startTicks;
}

function processSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** null when there is no such process, when it is dead and only not yet buried, and where the system does not tell. */
function startTicksOf(pid: number): string | null {
  try {
    // Behind the name in brackets: the state (field 3), … the start (field 22).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
