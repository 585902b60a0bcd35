/** The outside world as one object, real in `bin.ts`, fake in tests. */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listenToKeys, listenToSuspension, type TerminalKey } from './keys.ts';

export interface Output {
  write(text: string): void;
  isTTY: boolean;
  columns: number;
  rows: number;
}

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
  /** Calls back on Ctrl-C or SIGTERM until the returned function is called. */
  onInterrupt(callback: () => void): () => void;
  /** Calls back on keys of the terminal until the returned function is called; null when there are none to be had. */
  onKey(callback: (key: TerminalKey) => void): (() => void) | null;
  /** Calls back when standard output, a terminal, has got another size, until the returned function is called. */
  onResize(callback: () => void): () => void;
  /** Calls back before Ctrl-Z suspends the process, and when it is in the foreground again. */
  onSuspend(leave: () => void, back: () => void): () => void;
  /** Calls back when standard input has ended. */
  onInputEnd(callback: () => void): void;
  /** Ends the process at once; only for a second Ctrl-C. */
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

export function realHost(): Host {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    // dist/cli/*.js and src/cli/*.ts are both two folders below the package.
    packageRoot: fileURLToPath(new URL('../..', import.meta.url)),
    date: () => new Date(),
    onInterrupt(callback) {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      for (const s of signals) process.on(s, callback);
      return () => {
        for (const s of signals) process.off(s, callback);
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

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    // A terminal that does not know its size says 0.
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}
