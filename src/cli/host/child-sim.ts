/** The simulated service in a process of its own, so that it does not share a thread with the client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EXIT, UserError } from '../../core/errors.ts';
import type { Host } from './host.ts';

export interface ChildSim {
  url: string;
  stop(): Promise<void>;
}

/** Starts `ais_bench sim` on a free loopback port. It ends with its standard input, so it cannot outlive us. */
export async function startChildSim(host: Host, args: readonly string[]): Promise<ChildSim> {
  const bin = join(host.packageRoot, 'dist/cli/bin.js');
  const child = spawn(process.execPath, [bin, 'sim', '--port', '0', '--until-stdin-ends', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A Ctrl-C in the terminal is for the client: requests in flight must find their service.
    detached: true,
  });
  // A service that has died no longer reads.
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, 'line'), closed.then(() => [''])]);
  const url = /https?:\/\/\S+/.exec(String(first[0]))?.[0];
  if (!url)
    throw new UserError(EXIT.failed, 'The simulated service did not start', {
      hint: 'Its own message stands above.',
    });
  return {
    url,
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}
