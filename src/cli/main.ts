/** argv in, exit code out. The composition root: only here do names become running parts. */
import { parseArgv } from '../config/flags/argv.ts';
import { resolveConfig } from '../config/resolve.ts';
import { EXIT, type ExitCode, UserError } from '../core/errors.ts';
import { visibleLines } from '../core/text/outside-text.ts';
import { commands } from './commands/registry.ts';
import { runCommand } from './commands/run-command.ts';
import { searchCommand } from './commands/search-command.ts';
import type { Host } from './host/host.ts';
import { messageOf } from './screen/error-text.ts';

/** Runs the command that `host.argv` names and returns its exit code; never throws. */
export async function main(host: Host): Promise<ExitCode> {
  try {
    return await dispatch(host);
  } catch (error) {
    host.stderr.write(`Error: ${visibleLines(messageOf(error))}\n`);
    return error instanceof UserError ? error.exitCode : EXIT.failed;
  }
}

async function dispatch(host: Host): Promise<ExitCode> {
  const [name = '', ...args] = host.argv;
  if (Object.hasOwn(commands, name)) return commands[name].run(host, args);
  const parsed = parseArgv(host.argv, commands);
  if (parsed.command !== 'run') {
    host.stdout.write(`${parsed.text.trimEnd()}\n`);
    return EXIT.ok;
  }
  if (parsed.flags.search) return searchCommand(host, parsed.flags);
  const { config, warnings } = await resolveConfig(parsed.flags, host);
  for (const warning of warnings) host.stderr.write(`Warning: ${visibleLines(warning)}\n`);
  return runCommand(host, config);
}
