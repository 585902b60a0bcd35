/** The outside world as one object, real in `bin.ts`, fake in tests. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../config/files/package-root.ts';
import { listenToKeys, listenToSuspension, type TerminalKey } from './keys.ts';
import { guardOutputs, type Output } from './output.ts';

/** Signals that ask the command to end. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Host {
  /** Arguments after the command's name. */
  argv: string[];
  env: Record<string, string | undefined>;
  cwd: string;
  stdout: Output;
  stderr: Output;
  /** Folder of the package: its `configs/` and `dist/`. */
  packageRoot: string;
  /** Local wall-clock time. */
  date(): Date;
  /** Something that was to be shown could not be: standard output or standard error has gone away or is full. */
  readonly outputLost: boolean;
  /** Calls back on each of `signals` (SIGINT is Ctrl-C) until the returned function is called. */
  onSignal(signals: readonly StopSignal[], callback: (signal: StopSignal) => void): () => void;
  /** Calls back on keys of the terminal until the returned function is called; null when there are none to be had. */
  onKey(callback: (key: TerminalKey) => void): (() => void) | null;
  /** Calls back when standard output, a terminal, has got another size, until the returned function is called. */
  onResize(callback: () => void): () => void;
  /** Calls back before Ctrl-Z suspends the process, and when it is in the foreground again. */
  onSuspend(leave: () => void, back: () => void): () => void;
  /** Calls back when standard input has ended. */
  onInputEnd(callback: () => void): void;
  /** Ends the process at once: after a second Ctrl-C, or a fault of our own. */
  exit(code: number): never;
}

/** The built entry of a load worker's thread. */
export function loadWorkerUrl({ packageRoot }: Pick<Host, 'packageRoot'>): URL {
  return pathToFileURL(join(packageRoot, 'dist/load/worker.js'));
}

/** The built thread that looks how precise a run is so far. */
export function lookWorkerUrl({ packageRoot }: Pick<Host, 'packageRoot'>): URL {
  return pathToFileURL(join(packageRoot, 'dist/cli/look-worker.js'));
}

/** The built thread that reads recorded runs. */
export function h5WorkerUrl({ packageRoot }: Pick<Host, 'packageRoot'>): URL {
  return pathToFileURL(join(packageRoot, 'dist/store/h5-worker.js'));
}

export function realHost(): Host {
  const outputs = guardOutputs(process.stdout, process.stderr);
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: outputs.stdout,
    stderr: outputs.stderr,
    get outputLost() {
      return outputs.lost;
    },
    packageRoot: packageRoot(),
    date: () => new Date(),
    onSignal(signals, callback) {
      for (const signal of signals) process.on(signal, callback);
      return () => {
        for (const signal of signals) process.off(signal, callback);
      };
    },
    onKey: (callback) => listenToKeys(process.stdin, callback),
    onResize(callback) {
      process.stdout.on('resize', callback);
      return () => process.stdout.off('resize', callback);
    },
    onSuspend: listenToSuspension,
    onInputEnd: (callback) => void process.stdin.resume().on('end', callback).on('error', callback),
    exit: (code) => process.exit(code),
  };
}
