/** Readers of a flag's value. Each gives null, or what stands for "not given", for a value that is wrong. */
import { cachePolicies } from '../../core/run.ts';
import { didYouMean } from '../nearest.ts';
import type { Read, Wrong } from './flag.ts';
import { accuracyModes, accuracyModeText } from './not-ours.ts';

const DAY_S = 86_400;
const RUN_FOLDER = /^(latest|\d{8}_\d{6}\w*)$/;

/** A flag without a value: true when it was given. */
export const isGiven: Read<boolean> = (given) => given === true;

/** A flag that holds unless its `--no-…` form was given. */
export const isNotRefused: Read<boolean> = (given) => given !== false;

/** A flag with one value or more. */
export const names: Read<string[]> = (given) => (Array.isArray(given) ? given : []);

export const text: Read<string | null> = (given, wrong) => {
  if (given === undefined) return null;
  if (String(given).trim() === '') wrong('expected a value, got ""');
  return String(given);
};

/** What `read` reads, or `fallback` when the flag was not given or is wrong. */
export function orElse<T>(read: Read<T | null>, fallback: T): Read<T> {
  return (given, wrong) => read(given, wrong) ?? fallback;
}

export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Read<number | null> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return (given, wrong) => wholeWithin(given, { min, max, expected: `a whole number ${range}` }, wrong);
}

/** Whole seconds as milliseconds. */
export function seconds(min: number): Read<number | null> {
  const expected = `a whole number of seconds from ${min} to ${DAY_S}`;
  return (given, wrong) => {
    const value = wholeWithin(given, { min, max: DAY_S, expected }, wrong);
    return value === null ? null : value * 1000;
  };
}

interface Bounds {
  min: number;
  max: number;
  expected: string;
}

function wholeWithin(given: unknown, { min, max, expected }: Bounds, wrong: Wrong): number | null {
  if (given === undefined) return null;
  const value = /^[+-]?\d+$/.test(String(given)) ? Number(given) : Number.NaN;
  if (value >= min && value <= max) return value;
  wrong(`expected ${expected}, got "${given}"`);
  return null;
}

export const percent: Read<number | null> = (given, wrong) => {
  if (given === undefined) return null;
  const value = String(given).trim() === '' ? Number.NaN : Number(given);
  if (value >= 0 && value <= 100) return value;
  wrong(`expected a percentage from 0 to 100, got "${given}"`);
  return null;
};

/** One of a few words. */
export function choice<Name extends string>(...known: Name[]): Read<Name | null> {
  const quoted = known.map((name) => `"${name}"`);
  const last = quoted.pop();
  const expected = quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
  return (given, wrong) => {
    if (given === undefined) return null;
    const found = known.find((name) => name === given);
    if (!found) wrong(`expected ${expected}, got "${given}"${didYouMean(String(given), known)}`);
    return found ?? null;
  };
}

const ourMode = choice('perf', 'perf_viz');

export const mode: Read<'perf' | 'perf_viz'> = (given, wrong) => {
  if (!accuracyModes.some((known) => known === given)) return ourMode(given, wrong) ?? 'perf';
  wrong(`"${given}": ${accuracyModeText}`);
  return 'perf';
};

/** 'latest' or the name of a run's folder. */
export const runName: Read<string | null> = (given, wrong) => {
  if (given === undefined) return null;
  const name = given === true ? 'latest' : String(given);
  if (!RUN_FOLDER.test(name)) {
    wrong(`expected a run timestamp like 20250628_151326, or nothing for the latest run, got "${name}"`);
  }
  return name;
};

/** AISBench's way to say "all rows" is `none`. */
export const rowCount: Read<number | null> = (given, wrong) =>
  given === 'none' ? null : whole(1)(given, wrong);

export const cachePolicy = choice(...cachePolicies);

/** `staggered`, or `staggered:SECONDS` as milliseconds. */
export const ramp: Read<number | 'e2el' | null> = (given, wrong) => {
  if (given === undefined) return null;
  if (given === 'staggered') return 'e2el';
  const value = Number(/^staggered:(\d+(?:\.\d+)?)$/.exec(String(given))?.[1] ?? Number.NaN);
  if (value > 0 && value <= DAY_S) return value * 1000;
  wrong(`expected "staggered", or "staggered:SECONDS" with about one E2EL, got "${given}"`);
  return null;
};
