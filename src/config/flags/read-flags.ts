/** The values of the command line's flags, checked all at once. */
import { Option, type OptionValues } from 'commander';
import { COMMAND_LINE, type Mistake, throwMistakes } from '../mistakes.ts';
import { flagName } from './flag.ts';
import { flagsNotOurs } from './not-ours.ts';
import { type FlagKey, type FlagValues, type RunFlags, runFlags } from './run-flags.ts';

/** Throws one `UserError` that names every wrong flag, its value and what was expected. */
export function readFlags(options: OptionValues, config: string | undefined): RunFlags {
  const mistakes: Mistake[] = [];
  const wrong = (path: string, problem: string) => mistakes.push({ file: COMMAND_LINE, path, problem });
  refuseNotOurs(options, wrong);
  const given = new Set<FlagKey>();
  const read = (key: FlagKey) => {
    const row = runFlags[key];
    const value = options[new Option(row.notation).attributeName()];
    if (value !== undefined) given.add(key);
    return [key, row.read(value, (problem) => wrong(flagName(row), problem))];
  };
  const values = Object.fromEntries((Object.keys(runFlags) as FlagKey[]).map(read)) as FlagValues;
  const flags: RunFlags = { ...values, config: config ?? null, given };
  checkRamp(flags, wrong);
  throwMistakes(mistakes, '', []);
  return flags;
}

type WrongFlag = (flag: string, problem: string) => void;

/** `--ramp staggered` learns from the warm-ups how long a request takes, and sends before the run. */
function checkRamp({ rampMs, warmups, specDecode }: RunFlags, wrong: WrongFlag): void {
  if (rampMs !== 'e2el') return;
  const instead = 'give staggered:SECONDS';
  if (warmups === 0) {
    wrong('--ramp', `staggered needs warm-ups to learn E2EL, but --num-warmups is 0; ${instead}`);
  }
  if (specDecode) {
    wrong('--ramp', `staggered sends fill requests, which --spec-decode would count; ${instead}`);
  }
}

function refuseNotOurs(options: OptionValues, wrong: WrongFlag): void {
  for (const [notation, reason] of Object.entries(flagsNotOurs)) {
    const option = new Option(notation);
    const value = options[option.attributeName()];
    const isGiven = option.negate ? value === false : value !== undefined && value !== false;
    if (isGiven) wrong(notation.split(' ')[0], reason);
  }
}
