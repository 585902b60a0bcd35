/** The command line: what is asked for, as plain checked flags. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT, UserError } from '../../core/errors.ts';
import { packageVersion } from '../files/package-root.ts';
import { type RunFlags, readFlags } from './flags.ts';
import { flagsNotOurs } from './not-ours.ts';

export const subcommands = ['sim', 'demo', 'calibrate', 'explain', 'compare', 'import'] as const;
type Subcommand = (typeof subcommands)[number];

export type Parsed =
  | { command: 'run'; flags: RunFlags }
  /** Subcommands read their own flags. */
  | { command: Subcommand; args: string[] }
  | { command: 'help' | 'version'; text: string };

const MORE_HELP = `
Commands:
  sim                        the simulated inference service alone (ais_bench sim --help)
  demo                       a steady-state test of the simulated service (ais_bench demo --help)
  calibrate                  what this host adds to a time stamp (ais_bench calibrate --help)
  explain                    a recorded run under other tools' definitions (ais_bench explain --help)
  compare                    recorded runs against earlier ones, with a gate for CI (ais_bench compare --help)
  import                     a log of AISBench or vLLM bench as a run folder (ais_bench import --help)

Accuracy evaluation (the modes all, infer, eval, viz, judge and infer_judge of AISBench) is not part of
this product; the default mode here is perf. Environment: AIS_BENCH_API_KEY or OPENAI_API_KEY for an
api_key left empty, WORKERS_NUM, REQUEST_TIME_OUT (s), LOG_LEVEL, AIS_BENCH_DATASETS_CACHE.

Exit codes: 0 fine, also after a first Ctrl-C; 1 a task failed, had no steady stage where one was asked
for, or had not one successful request, or output could not be written; 2 wrong flags or configuration;
3 compare --gate could not decide; 130 a second Ctrl-C; 143 SIGTERM, 129 SIGHUP, each with a summary.

Examples:
  ais_bench --models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf
  ais_bench --models vllm_api_stream_chat --datasets gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --pressure --pressure-time 30
  ais_bench --summarizer default_perf --mode perf_viz --reuse
  ais_bench --models vllm_api_stream_chat --search`;

/**
 * Reads the arguments after the command's name. Throws a `UserError` with exit code 2 that names
 * every wrong flag; never ends the process and prints nothing.
 */
export function parseArgv(argv: readonly string[]): Parsed {
  const [first, ...rest] = argv;
  const subcommand = subcommands.find((name) => name === first);
  if (subcommand !== undefined) return { command: subcommand, args: rest };
  if (argv.length === 0 || first === 'help') return parseArgv(['--help']);
  let printed = '';
  const program = commandLine().configureOutput({
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
export function commandLine(): Command {
  const command = new Command('ais_bench')
    .description('Steady-state performance testing of LLM inference services.')
    .argument('[config]', 'one config file with models, datasets and summarizer, instead of their names')
    .option('--models <names...>', 'model tasks, by the names of their config files')
    .option('--datasets <names...>', 'data-set tasks')
    .option(
      '--summarizer <name>',
      'result presentation: default_perf or stable_stage (default: default_perf)',
    )
    .option(
      '-m, --mode <mode>',
      'perf: send and summarize; perf_viz: summarize a recorded run (default: perf)',
    )
    .option('--pressure', 'stress test: add clients at request_rate, cycle the data for --pressure-time')
    .option('--pressure-time <s>', 'seconds of the stress test, 1 to 86400 (default: 15)')
    .option(
      '--until-precise <metric:pct,...>',
      'go on until the 95 % intervals are that narrow, e.g. throughput:1,ttft_p99:5',
    )
    .option('--max-time <s>', 'seconds after which --until-precise gives up, 1 to 86400 (default: 1800)')
    .option(
      '--ramp <staggered[:s]>',
      'fill the slots of a closed loop one after the other over one E2EL, before the run; with :s over s seconds, in the run',
    )
    .option(
      '--hold <s>',
      'seconds at most to keep the load up until every measured request has ended, 0: not at all (default: three times the slowest request with --pressure and --until-precise, else 0)',
    )
    .option('-s, --search', 'print the paths of the task configs and stop')
    .option('--debug', 'detailed log on the screen instead of in files')
    .addOption(
      new Option(
        '-r, --reuse [time stamp]',
        'recalculate a recorded run: the latest, or the named one',
      ).preset('latest'),
    )
    .option('-w, --work-dir <dir>', 'where results go (default: outputs/default)')
    .option('--config-dir <dir>', 'searched for task configs before the packaged ones (default: configs)')
    .option('--dry-run', 'print the resolved plan and send nothing')
    .option(
      '--max-num-workers <n>',
      'most tasks at a time; those side by side share client and service (default: 1)',
    )
    .option('--num-prompts <n>', 'use only the first n rows of each data set')
    .option(
      '--num-warmups <n>',
      'requests before the measurement, 0 for none (default: 1; one a slot with --ramp staggered)',
    )
    .option('--custom-dataset-path <file>', 'a .jsonl or .csv file of questions, instead of --datasets')
    .option('--custom-dataset-meta-path <file>', 'its meta file (default: FILE.meta.json if there is one)')
    .option('--custom-dataset-data-type <type>', 'qa, mcq or auto (default: auto, the first row tells)')
    .option('--custom-dataset-infer-method <method>', 'accepted; only gen is known')
    .option('--merge-ds', 'data sets of one type run as one task with one result (default)')
    .option('--no-merge-ds', 'each data set is a task of its own')
    .option(
      '--spec-decode',
      'acceptance of speculative decoding, from /metrics before and after the measured requests',
    )
    .option('--workers <n>', 'threads that send, 0: automatic (default: WORKERS_NUM)')
    .option('--seed <n>', 'seed of arrival times and synthetic data (default: 0)')
    .option(
      '--cache <policy>',
      'fresh: every request begins with a salt, so that no prefix cache knows it; primed: what prompts share is sent before the run; as-is: rows as they are (default: fresh for synthetic data, else as-is)',
    )
    .option(
      '--cache-salt <text>',
      'what the salts are made from: the one that an earlier run recorded gives the same requests (default: from --seed, else drawn)',
    )
    .option(
      '--wait <s>',
      'seconds to wait for a service that is loading (HTTP 503), 0 for not at all; when given, also for one that refuses connections (default: 60)',
    )
    .option('--grace <s>', 'seconds that requests in flight may go on after the end (default: as needed)')
    .option(
      '--stall-timeout <s>',
      'seconds without output, whatever else comes, after which a request has failed (default: 600)',
    )
    .option(
      '--max-error-rate <pct>',
      'end a task early when more than this percentage of its attempts failed (default: 100, never)',
    )
    .option('--keep-text', 'store generated texts (default)')
    .option('--no-keep-text', 'do not store generated texts')
    .option('--require <verdict>', 'steady: exit 1 unless throughput and latency are both steady')
    .option('--verify', 'parse every event instead of scanning it; slower, same records')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', MORE_HELP)
    .exitOverride();
  for (const flag of Object.keys(flagsNotOurs)) command.addOption(new Option(flag).hideHelp());
  return command;
}

/** Commander begins with `error: ` and puts its suggestion on a second line. */
function withoutPrefix(message: string): string {
  return message.replace(/^error: /, '').replaceAll('\n', ' ');
}
