/** Every command beside a run itself. A new one: one file here, one line below; the general help follows. */
import type { ExitCode } from '../../core/errors.ts';
import type { Host } from '../host/host.ts';
import { calibrateCommand } from './calibrate-command.ts';
import { compareCommand } from './compare-command.ts';
import { demoCommand } from './demo-command.ts';
import { explainCommand } from './explain-command.ts';
import { importCommand } from './import-command.ts';
import { simCommand } from './sim-command.ts';

export interface CliCommand {
  /** For the list of commands in the general help. */
  about: string;
  /** Reads its own flags from the arguments after its name. */
  run(host: Host, args: readonly string[]): Promise<ExitCode>;
}

export const commands: Readonly<Record<string, CliCommand>> = {
  sim: { about: 'run the simulated inference service alone', run: simCommand },
  demo: { about: 'run a steady-state test of the simulated service', run: demoCommand },
  calibrate: { about: 'measure the timestamp error added by this machine', run: calibrateCommand },
  explain: { about: "recompute a recorded run with other tools' metric definitions", run: explainCommand },
  compare: { about: 'compare recorded runs with earlier ones, with a gate for CI', run: compareCommand },
  import: { about: 'turn a log of AISBench or vLLM bench into a run folder', run: importCommand },
};
