/** What every command beside a run shares in reading its own flags. */
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT, UserError } from '../../core/errors.ts';

/**
 * Parses a subcommand's arguments without ending the process. Returns the help text when it was asked
 * for. Throws a `UserError` with exit code 2 for a wrong flag.
 */
export function parseSubcommand(command: Command, args: readonly string[]): { help: string | null } {
  let printed = '';
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: () => {},
    })
    .allowExcessArguments(false);
  try {
    command.parse([...args], { from: 'user' });
    return { help: null };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { help: printed };
    throw new UserError(EXIT.usage, error.message.replace(/^error: /, '').replaceAll('\n', ' '), {
      hint: `\`${command.name()} --help\` lists every flag.`,
    });
  }
}

/** An argument parser for commander: a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}
