// Exact percentiles of 10^8 doubles: the product's selection against numpy.percentile, CPU seconds of each.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { programs, pythonWith } from '../build.mjs';

const NUMPY = 'numpy==2.2.6';
const VALUES = 1e8;

export function percentileVsNumpy({ sized }) {
  const values = String(sized(VALUES));
  return {
    name: 'percentile',
    want: 1,
    run() {
      const python = pythonWith('numpy', [NUMPY]);
      const measure = (file, ...words) => JSON.parse(execFileSync(file, words, { encoding: 'utf8' }));
      const own = measure(process.execPath, programs.percentile, values);
      const numpy = measure(python, join(import.meta.dirname, '../scale/percentile_numpy.py'), values);
      return {
        percentile_s: own.cpu_s,
        percentile_numpy_s: numpy.cpu_s,
        percentile_vs_numpy: own.cpu_s / numpy.cpu_s,
      };
    },
  };
}
