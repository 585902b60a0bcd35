import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RECORDS_ARE_KEPT, writeError } from '../../core/failures/write-error.ts';

let files = 0;

/**
 * Writes under a temporary name of this process first, so that nobody finds half a file, whoever else writes the same
 * one. `UserError` when the disk refuses; then nothing is left of it.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  files++;
  const part = `${path}.${process.pid}-${files}.part`;
  try {
    // Never through a link or into a file that somebody has put there.
    const fd = openSync(part, 'wx');
    try {
      writeFileSync(fd, content);
    } finally {
      closeSync(fd);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw writeError(path, error, RECORDS_ARE_KEPT);
  }
}
