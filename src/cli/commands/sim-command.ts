/** `ais_bench sim`: the simulated inference service alone, until Ctrl-C. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { EXIT, type ExitCode, UserError } from '../../core/errors.ts';
import { checkFaults, faultKinds } from '../../sim/faults.ts';
import { defaultLaw } from '../../sim/law.ts';
import { type SimChoices, simDefaults } from '../../sim/options.ts';
import { startSim } from '../../sim/server.ts';
import type { Host, StopSignal } from '../host/host.ts';
import { exitCodeOfSignal } from '../task/interrupts.ts';
import { parseSubcommand, wholeNumber } from './subcommand.ts';

const positive = z.number().positive();
const count = z.int().positive();

/** What `--options` may hold; every field has a default. */
const choices = z
  .strictObject({
    host: z.string(),
    port: z.int().min(0).max(65_535),
    model: z.string().min(1),
    strictModel: z.boolean(),
    apiKey: z.string(),
    seed: z.int(),
    speed: positive,
    maxModelLen: count,
    answerLength: z.strictObject({ medianTokens: positive, sigma: z.number().min(0) }),
    prefixBlockTokens: z.int().min(0),
    reportCachedTokens: z.boolean(),
    wordTokens: z.boolean(),
    imageTokens: z.int().min(0),
    truthFile: z.string(),
    truthTokens: count,
    maxLagMs: positive,
    law: z
      .strictObject({
        stepBaseMs: z.number().min(0),
        stepPerSequenceMs: z.number().min(0),
        prefillPerTokenMs: z.number().min(0),
        maxRunning: count,
        prefillTokensPerStep: count,
        kvCacheTokens: count,
      })
      .partial(),
    speculation: z.strictObject({ draftTokens: count, acceptance: z.number().min(0).max(1) }).nullable(),
    faults: z.unknown(),
  })
  .partial();

interface Flags {
  port: number;
  host: string;
  model?: string;
  speed?: string;
  seed?: number;
  truthFile?: string;
  options?: string;
  untilStdinEnds?: boolean;
}

export async function simCommand(host: Host, args: readonly string[]): Promise<ExitCode> {
  const command = simFlags();
  const { help } = parseSubcommand(command, args);
  if (help !== null) {
    host.stdout.write(help);
    return EXIT.ok;
  }
  const flags = command.opts<Flags>();
  const sim = await startSim({ ...readOptions(host, flags.options), ...flagChoices(flags) });
  // A parent may send its signal the moment it reads the address, so the signals are heard before it is said.
  const asked = untilAskedToStop(host, flags.untilStdinEnds === true);
  host.stdout.write(`Simulated service at ${sim.url}\n`);
  const signal = await asked;
  await sim.stop();
  return signal === null ? EXIT.ok : exitCodeOfSignal[signal];
}

function simFlags(): Command {
  return new Command('ais_bench sim')
    .description(
      'An OpenAI-compatible service with a stated performance law, ground truth (GET /truth), and fault injection.',
    )
    .option('--port <n>', 'port; 0 takes a free one', wholeNumber(0, 65_535), 8080)
    .option('--host <address>', 'address to listen on', simDefaults.host)
    .option('--model <name>', `model name (default: ${simDefaults.model})`)
    .option('--speed <factor>', 'divide every duration by this factor')
    .option('--seed <n>', 'seed for answers and faults', wholeNumber(0, 2 ** 31 - 1))
    .option('--truth-file <file>', 'file for the ground truth, written at the end')
    .option('--options <json>', 'any option, as a JSON file or as JSON')
    .option('--until-stdin-ends', 'stop when standard input ends (for a parent process)')
    .addHelpText('after', OPTIONS_HELP);
}

const OPTIONS_HELP = `
Options in --options, with their defaults:
${JSON.stringify({ ...simDefaults, law: defaultLaw }, null, 2)}

Speculative decoding: "speculation": {"draftTokens": 3, "acceptance": 0.7} adds its counters to /metrics.

Faults: {"kind": …, "rate": 0.01} or {"kind": …, "indices": [3, 8]}, and the fault's own options:
${Object.entries(faultKinds)
  .map(([kind, { about, options }]) => `  ${kind.padEnd(17)} ${about} ${JSON.stringify(options)}`)
  .join('\n')}
`;

function flagChoices(flags: Flags): SimChoices {
  const chosen: SimChoices = { port: flags.port, host: flags.host };
  if (flags.model !== undefined) chosen.model = flags.model;
  if (flags.seed !== undefined) chosen.seed = flags.seed;
  if (flags.truthFile !== undefined) chosen.truthFile = flags.truthFile;
  if (flags.speed !== undefined) chosen.speed = speedOf(flags.speed);
  return chosen;
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new UserError(EXIT.usage, `--speed: expected a number above 0, got "${text}".`);
}

/** `--options` as a file's path or as JSON; all mistakes are named together. */
function readOptions(host: Host, given: string | undefined): SimChoices {
  if (given === undefined) return {};
  const file = resolve(host.cwd, given);
  const isFile = !given.trimStart().startsWith('{') && existsSync(file);
  let value: unknown;
  try {
    value = JSON.parse(isFile ? readFileSync(file, 'utf8') : given);
  } catch (cause) {
    throw new UserError(EXIT.usage, `--options: neither an existing JSON file nor JSON: ${given}`, {
      hint: 'For example: --options \'{"speed": 10, "law": {"maxRunning": 64}}\'',
      cause,
    });
  }
  const checked = choices.safeParse(value);
  if (!checked.success) {
    const mistakes = checked.error.issues.map(
      (i) => `--options ${i.path.join('.') || '(top)'}: ${i.message}`,
    );
    throw new UserError(EXIT.usage, mistakes.join('\n'), {
      hint: '`ais_bench sim --help` lists every option.',
    });
  }
  // A key that was left out is absent and not undefined, which the types of zod do not say.
  const { faults, ...rest } = checked.data as Omit<SimChoices, 'faults'> &
    Pick<typeof checked.data, 'faults'>;
  return faults === undefined ? rest : { ...rest, faults: checkFaults(faults) };
}

/** The signal that asked, null when standard input has ended. */
function untilAskedToStop(host: Host, untilStdinEnds: boolean): Promise<StopSignal | null> {
  return new Promise((stop) => {
    host.onSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], stop);
    if (untilStdinEnds) host.onInputEnd(() => stop(null));
  });
}
