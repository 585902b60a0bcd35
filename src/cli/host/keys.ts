/** Single keys from the terminal, with the terminal as it was afterwards. */
import { readFileSync } from 'node:fs';
import { emitKeypressEvents, type Key } from 'node:readline';

export type TerminalKey = 'up' | 'down' | 'p';

/**
 * Calls back for every such key until the returned function is called; null when no keys can be had. A
 * terminal that hands over single keys no longer makes signals of Ctrl-C, Ctrl-\ and Ctrl-Z, so they are
 * made here, for the whole process group as the terminal would.
 */
export function listenToKeys(
  input: NodeJS.ReadStream,
  onKey: (key: TerminalKey) => void,
): (() => void) | null {
  if (!input.isTTY || !inForeground()) return null;
  const listener = (_: string | undefined, key: Key) => {
    if (key.ctrl) signal(key.name);
    else if (key.name === 'up' || key.name === 'down' || key.name === 'p') onKey(key.name);
  };
  emitKeypressEvents(input);
  // A terminal that goes away fails here, too; SIGHUP tells of it.
  input.on('error', () => undefined);
  input.setRawMode(true);
  input.on('keypress', listener).resume();
  return () => {
    input.off('keypress', listener).pause();
    input.setRawMode(false);
  };
}

function signal(key: string | undefined): void {
  if (key === 'c') process.kill(0, 'SIGINT');
  if (key === '\\') process.kill(0, 'SIGQUIT');
  if (key === 'z') process.kill(0, 'SIGTSTP');
}

/**
 * Calls `leave` before the process is suspended (Ctrl-Z), so that it can give the terminal back, and `back`
 * when it goes on with the terminal (`fg`); in the background (`bg`) it has none. Until the returned function is called.
 */
export function listenToSuspension(leave: () => void, back: () => void): () => void {
  const suspend = () => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  let waiting: NodeJS.Timeout | undefined;
  const resume = () => {
    clearInterval(waiting);
    if (!inForeground()) {
      // A shell that brings a running job to the front does not signal it.
      waiting = setInterval(() => inForeground() && resume(), FOREGROUND_POLL_MS);
      return;
    }
    // The terminal may have got another size in the meantime, of which only the shell was told.
    process.kill(process.pid, 'SIGWINCH');
    back();
  };
  process.on('SIGTSTP', suspend).on('SIGCONT', resume);
  return () => {
    clearInterval(waiting);
    process.off('SIGTSTP', suspend).off('SIGCONT', resume);
  };
}

const FOREGROUND_POLL_MS = 300;

/** A job in the background that touches the terminal's mode is stopped by the system. Known on Linux only. */
function inForeground(): boolean {
  try {
    // Behind the name in brackets: state, parent, process group, session, terminal, its foreground group.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}
