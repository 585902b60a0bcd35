/** The command as a process: what `bin.ts` loads. */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EXIT } from '../core/errors.ts';
import { dieOfFaults } from './faults-of-ours.ts';
import { realHost } from './host/host.ts';
import { main } from './main.ts';

const host = realHost();
const terminals = [0, 1, 2].filter((fd) => isatty(fd));
dieOfFaults(host);
process.on('exit', () => {
  // Writing to a pipe fails later than it was asked for, and the last time after everything else is done.
  if (host.outputLost && process.exitCode === EXIT.ok) process.exitCode = EXIT.failed;
  // Node sets the mode of its terminals back at the end, and aborts (SIGABRT) when one has gone away meanwhile.
  for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
});
process.exitCode = await main(host);
