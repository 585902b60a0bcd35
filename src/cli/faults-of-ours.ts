/** An error that nothing has caught: it is told in words, and the terminal and the records are left in good order. */
import { EXIT } from '../core/errors.ts';
import type { Host } from './host/host.ts';
import { messageOf } from './screen/error-text.ts';

/** Ends the process with exit code 1 on an uncaught exception or a rejection that nobody handles. */
export function dieOfFaults(host: Pick<Host, 'stderr' | 'exit'>): void {
  process.on('uncaughtException', (error) => {
    host.stderr.write(
      `Error: ais_bench stopped because of a bug of its own. Please report it with these lines:\n${messageOf(error)}\n` +
        '  The records of a run are kept: ais_bench --mode perf_viz --reuse summarizes them.\n',
    );
    host.exit(EXIT.failed);
  });
}
