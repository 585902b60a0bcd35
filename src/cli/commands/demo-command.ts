/** `ais_bench demo`: the document's stress test against the simulated service, with nothing to prepare. */

import { join } from 'node:path';
import { Command } from 'commander';
import { parseArgv } from '../../config/flags/argv.ts';
import { resolveConfig } from '../../config/resolve.ts';
import type { RunConfig } from '../../config/run-config.ts';
import { DEFAULT_WORK_DIR } from '../../config/run-config.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { startChildSim } from '../host/child-sim.ts';
import type { Host } from '../host/host.ts';
import { runCommand } from './run-command.ts';
import { parseSubcommand, wholeNumber } from './subcommand.ts';

const COMMAND =
  '--models vllm_api_stream_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf --pressure';
/** Enough waves for a window of about ten times the longest request. */
const CLIENTS = 20;
const CLIENTS_PER_S = 20;
const OUTPUT_TOKENS = 128;

export async function demoCommand(host: Host, args: readonly string[]): Promise<ExitCode> {
  const command = new Command('ais_bench demo')
    .description(
      'Starts the simulated service on a free loopback port and runs a steady-state stress test against it.',
    )
    .option('--seconds <s>', 'seconds to send requests', wholeNumber(1, 86_400), 15)
    .option('-w, --work-dir <dir>', 'folder for the results', DEFAULT_WORK_DIR);
  const options = parseSubcommand(command, args);
  if (options.help !== null) {
    host.stdout.write(options.help);
    return EXIT.ok;
  }
  const { seconds, workDir } = command.opts<{ seconds: number; workDir: string }>();
  const parsed = parseArgv([
    ...COMMAND.split(' '),
    '--pressure-time',
    String(seconds),
    '--work-dir',
    workDir,
  ]);
  if (parsed.command !== 'run') throw new Error(`not a run: ${COMMAND}`);
  // Only the packaged configs: a demo does not depend on what lies in the working directory.
  const flags = { ...parsed.flags, configDir: join(host.packageRoot, 'configs') };
  const { config } = await resolveConfig(flags, { cwd: host.cwd, env: {}, packageRoot: host.packageRoot });
  const sim = await startChildSim(host, []);
  try {
    host.stdout.write(
      `Simulated service at ${sim.url}\nTo run the same test against your own service: ais_bench ${COMMAND}\n\n`,
    );
    return await runCommand(host, demoConfig(config, sim.url));
  } finally {
    await sim.stop();
  }
}

/** The demo's task: the packaged model config with another address and a load that suits the simulated service. */
function demoConfig(config: RunConfig, url: string): RunConfig {
  const tasks = config.tasks.map(({ model, dataset }) => ({
    dataset,
    model: {
      ...model,
      url,
      model: '',
      batchSize: CLIENTS,
      requestsPerS: CLIENTS_PER_S,
      maxOutTokens: OUTPUT_TOKENS,
    },
  }));
  return { ...config, tasks };
}
