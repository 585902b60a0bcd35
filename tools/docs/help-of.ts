/** Runs a command with `--help` against a host that has nothing but a screen. */
import type { Host } from '../../src/cli/host/host.ts';
import { main } from '../../src/cli/main.ts';

export async function helpOf(command: string): Promise<string> {
  let printed = '';
  const screen = {
    write(text: string) {
      printed += text;
    },
    isTTY: false,
    columns: 80,
    rows: 24,
  };
  const host: Host = {
    argv: [command, '--help'],
    env: {},
    cwd: '/',
    stdout: screen,
    stderr: screen,
    packageRoot: '/',
    date: () => new Date(0),
    outputLost: false,
    onSignal: () => () => {},
    onKey: () => null,
    onResize: () => () => undefined,
    onSuspend: () => () => undefined,
    onInputEnd: () => {},
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
  const code = await main(host);
  if (code !== 0) throw new Error(`ais_bench ${command} --help exits with ${code}:\n${printed}`);
  return printed;
}
