/** A summarizer of a Python config in the form of our own ones. */
import { parseStatsList } from '../../analysis/stats.ts';
import { shown } from '../issue-text.ts';
import type { Findings } from '../mistakes.ts';
import type { Source } from '../source.ts';
import { summarizerWithoutOriginalKeys } from './original-keys.ts';
import { className, isPlainObject } from './plain.ts';

const windows: Record<string, 'total' | 'stable_stage'> = {
  DefaultPerfMetricCalculator: 'total',
  StablePerfMetricCalculator: 'stable_stage',
};

/**
 * The summarizer, or null when `findings` got a mistake of it. As in the original, one that is not for
 * performance counts as the default one, and what is wrong in `stats_list` is dropped with a warning.
 */
export function summarizerOf<S extends Source>(source: S, findings: Findings): S | null {
  const { value, file, path } = source;
  // A base config in TypeScript has our own form.
  if (!isPlainObject(value)) return source;
  if ('window' in value) return { ...source, value: summarizerWithoutOriginalKeys(value) };
  const warn = (problem: string) => findings.warnings.push(`${path} of ${file}: ${problem}`);
  if (value.attr !== undefined && value.attr !== 'performance') {
    warn('attr is not "performance": the default summarizer is used');
    return { ...source, value: { window: 'total' } };
  }
  const { calculator } = value;
  if (calculator === undefined || calculator === null) return { ...source, value: { window: 'total' } };
  const wrong = (key: string, problem: string) => {
    findings.mistakes.push({ file, path: `${path}.calculator${key}`, problem });
    return null;
  };
  if (!isPlainObject(calculator)) return wrong('', `expected a dict, got ${shown(calculator, [])}`);
  const name = className(calculator.type) ?? '';
  if (!Object.hasOwn(windows, name)) {
    const got = name === '' ? shown(calculator.type, []) : name;
    return wrong('.type', `expected one of ${Object.keys(windows).join(', ')}, got ${got}`);
  }
  const { stats_list: list } = calculator;
  if (list === undefined || list === null) return { ...source, value: { window: windows[name] } };
  if (!Array.isArray(list))
    return wrong('.stats_list', `expected a list of statistics, got ${shown(list, [])}`);
  const { stats, warnings } = parseStatsList(list);
  for (const warning of warnings) warn(warning);
  return { ...source, value: { window: windows[name], stats_list: stats } };
}
