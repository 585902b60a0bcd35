/** Does this host allow as many connections as the load needs? Asked before the first one is opened. */
import { EXIT, UserError } from '../../core/errors.ts';
import type { HostLimits } from '../../core/health.ts';

/** Files that are open beside the connections: libraries, pipes, the journal, and what each worker's loop needs. */
export const RESERVED_FILES = 128;

/**
 * Throws a `UserError` when `connections` at once are more than the host allows; `setting` is what asks
 * for them. What the host does not tell is not checked.
 */
export function checkLimits(
  connections: number,
  setting: string,
  { openFiles, ephemeralPorts }: HostLimits,
): void {
  if (openFiles !== null && connections + RESERVED_FILES > openFiles) {
    const needed = connections + RESERVED_FILES;
    throw new UserError(
      EXIT.usage,
      `${setting}: ${connections} simultaneous connections need ${needed} open files (${RESERVED_FILES} of them for other uses), but the limit is ${openFiles}.`,
      {
        hint: `Run \`ulimit -n ${needed}\` in this shell and start again, or lower ${setting} (root raises the hard limit: LimitNOFILE of a service, --ulimit nofile=${needed} of a container).`,
      },
    );
  }
  if (ephemeralPorts === null) return;
  const { from, to } = ephemeralPorts;
  const ports = to - from + 1;
  if (connections > ports) {
    throw new UserError(
      EXIT.usage,
      `${setting}: ${connections} simultaneous connections to one address need as many local ports, but this machine has ${ports} (${from} to ${to}).`,
      {
        hint:
          connections <= MAX_PORTS
            ? `Run \`sudo sysctl -w net.ipv4.ip_local_port_range="${FIRST_PORT} 65535"\`, or lower ${setting}.`
            : `No machine has more than ${MAX_PORTS}: lower ${setting}, or distribute the load over several machines.`,
      },
    );
  }
}

/** What one task asks of the host. */
export interface TaskLoad {
  connections: number;
  /** Host and port; local ports are needed per address. */
  address: string;
}

/** The same for `lanes` tasks at a time: the largest of all, and of those that load one address, may meet. */
export function checkLanes(tasks: readonly TaskLoad[], lanes: number, limits: HostLimits): void {
  if (lanes < 2) return;
  const setting = `--max-num-workers ${lanes}`;
  checkLimits(largest(tasks, lanes), setting, { ...limits, ephemeralPorts: null });
  for (const address of new Set(tasks.map((task) => task.address))) {
    const alike = tasks.filter((task) => task.address === address);
    checkLimits(largest(alike, lanes), setting, { ...limits, openFiles: null });
  }
}

function largest(tasks: readonly TaskLoad[], count: number): number {
  const sizes = tasks.map(({ connections }) => connections).sort((a, b) => b - a);
  return sizes.slice(0, count).reduce((sum, size) => sum + size, 0);
}

/** The first port that needs no privileges. */
const FIRST_PORT = 1024;
const MAX_PORTS = 65_536 - FIRST_PORT;
