/** Standard output and standard error, either of which may go away or fill up while a command runs. */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

export interface Output {
  write(text: string): void;
  isTTY: boolean;
  columns: number;
  rows: number;
}

export interface Outputs {
  stdout: Output;
  stderr: Output;
  /** Something that was to be shown could not be. */
  readonly lost: boolean;
}

/** What standard streams of Node have in common. */
type Stream = Pick<NodeJS.WriteStream, 'write' | 'on' | 'isTTY' | 'columns' | 'rows'> & { fd: number };

/**
 * Both outputs such that writing never throws and never ends the process: after its first error an output takes
 * nothing more, and of standard output standard error tells so, once.
 */
export function guardOutputs(out: Stream, err: Stream): Outputs {
  let lost = false;
  const stderr = guarded(err, () => {
    lost = true;
  });
  const stdout = guarded(out, (reason) => {
    lost = true;
    stderr.write(
      `Warning: Standard output cannot be written (${reason}), so nothing more appears there.\n` +
        '  The command continues and writes its files, but its exit code will not be 0.\n',
    );
  });
  return {
    stdout,
    stderr,
    get lost() {
      return lost;
    },
  };
}

function guarded(stream: Stream, onLost: (reason: string) => void): Output {
  let isLost = false;
  const lose = (error: NodeJS.ErrnoException) => {
    if (isLost) return;
    isLost = true;
    onLost(error.code ?? error.message);
  };
  // A pipe or a terminal reports an error later, and to whoever else writes to the stream.
  stream.on('error', lose);
  const write = stream instanceof Socket ? (text: string) => void stream.write(text) : fileWriter(stream.fd);
  return {
    write(text) {
      if (isLost) return;
      try {
        write(text);
      } catch (error) {
        lose(error as NodeJS.ErrnoException);
      }
    },
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

/** Node's own stream for files takes a part that was written for the whole, which a disk that fills up brings about. */
function fileWriter(fd: number): (text: string) => void {
  return (text) => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  };
}
