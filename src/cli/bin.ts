/** The command's first file, and small: what it needs to load may be more files at once than the process may open. */
import { readFileSync } from 'node:fs';

/** Loading the command alone takes that many open files for a moment. */
const FILES_TO_LOAD = 256;

// Asked first: when none can be opened any more, this cannot be read.
const limit = openFilesLimit();
try {
  await import('./command.ts');
} catch (error) {
  if (limit >= FILES_TO_LOAD && (error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
  process.stderr.write(
    `Error: ais_bench cannot be loaded: this process may open only ${limit} files.\n  Run \`ulimit -n ${4 * FILES_TO_LOAD}\` in this shell and start again.\n`,
  );
  process.exitCode = 2;
}

/** Infinity where the system does not tell. */
function openFilesLimit(): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
