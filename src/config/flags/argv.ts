/** The command line of a run: what is asked for, as plain checked flags. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT, UserError } from '../../core/errors.ts';
import { packageVersion } from '../files/package-root.ts';
import { type Flag, flagName } from './flag.ts';
import { flagsNotOurs } from './not-ours.ts';
import { readFlags } from './read-flags.ts';
import { type RunFlags, runFlags } from './run-flags.ts';

export type Parsed = { command: 'run'; flags: RunFlags } | { command: 'help' | 'version'; text: string };

/** The other commands, by name, with what the general help says of each. */
export type CommandList = Readonly<Record<string, { about: string }>>;

/**
 * Reads the arguments of a run. Throws a `UserError` with exit code 2 that names every wrong flag; never ends the
 * process and prints nothing.
 */
export function parseArgv(argv: readonly string[], commands: CommandList = {}): Parsed {
  if (argv.length === 0 || argv[0] === 'help') return parseArgv(['--help'], commands);
  let printed = '';
  const program = commandLine(commands).configureOutput({
    writeOut: (text) => {
      printed += text;
    },
    writeErr: () => {},
    getOutHasColors: () => false,
  });
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: 'help', text: printed };
    throw new UserError(EXIT.usage, withoutPrefix(error.message), {
      hint: '`ais_bench --help` lists every flag.',
    });
  }
  const given = program.opts();
  if (given.version === true) return { command: 'version', text: `ais_bench ${packageVersion()}\n` };
  return { command: 'run', flags: readFlags(given, program.args[0]) };
}

/** Every flag. Values stay texts here: commander stops at the first wrong one, `readFlags` reports them all. */
export function commandLine(commands: CommandList = {}): Command {
  const command = new Command('ais_bench')
    .description('Steady-state performance testing of LLM inference services.')
    .argument('[config]', 'config file with models, datasets, and summarizer, instead of their names');
  for (const row of Object.values<Flag<unknown>>(runFlags)) {
    command.option(row.notation, row.help);
    if (row.negated !== undefined) command.option(flagName(row).replace('--', '--no-'), row.negated);
  }
  command
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', helpAfterFlags(commands))
    .exitOverride();
  for (const notation of Object.keys(flagsNotOurs)) command.addOption(new Option(notation).hideHelp());
  return command;
}

/** Commander begins with `error: ` and puts its suggestion on a second line. */
function withoutPrefix(message: string): string {
  return message.replace(/^error: /, '').replaceAll('\n', ' ');
}

function helpAfterFlags(commands: CommandList): string {
  const lines = Object.entries(commands).map(
    ([name, { about }]) => `  ${name.padEnd(26)} ${about} (ais_bench ${name} --help)\n`,
  );
  return `
Commands:
${lines.join('')}
Accuracy evaluation (the modes all, infer, eval, viz, judge and infer_judge of AISBench) is not part of
this product; the default mode here is perf. Environment: AIS_BENCH_API_KEY or OPENAI_API_KEY for an
api_key left empty, WORKERS_NUM, REQUEST_TIME_OUT (s), LOG_LEVEL, AIS_BENCH_DATASETS_CACHE.

Exit codes: 0 success, also after a first Ctrl-C; 1 a task failed, found no required steady stage, or had
no successful request, or output could not be written; 2 invalid flags or configuration; 3 compare --gate
could not decide; 130 a second Ctrl-C; 143 SIGTERM and 129 SIGHUP, each with a summary.

Examples:
  ais_bench --models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf
  ais_bench --models vllm_api_stream_chat --datasets gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --pressure --pressure-time 30
  ais_bench --summarizer default_perf --mode perf_viz --reuse
  ais_bench --models vllm_api_stream_chat --search`;
}
