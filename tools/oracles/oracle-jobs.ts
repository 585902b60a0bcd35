/** What `scripts/oracles.mjs` bundles: every kind of oracle job behind one function. */
import { type OracleJob, runOracle as runSteadyOracle } from './oracles.ts';
import { type RampJob, rampOf } from './ramp.ts';
import { type StoppingJob, stoppingOf } from './stopping.ts';

export { families, laws } from './oracles.ts';
export { starts } from './ramp.ts';
export { stoppingServices } from './stopping.ts';

/** What one job found, small enough to send between threads. */
export function runOracle(job: OracleJob | StoppingJob | RampJob) {
  if (job.kind === 'ramp') return rampOf(job);
  return job.kind === 'stopping' ? stoppingOf(job) : runSteadyOracle(job);
}
