/** What `scripts/oracles.mjs` bundles: every kind of oracle job behind one function. */
import { type OracleJob, runOracle as runSteadyOracle } from './oracles.fixture.ts';
import { type RampJob, rampOf } from './ramp.fixture.ts';
import { type StoppingJob, stoppingOf } from './stopping.fixture.ts';

export { families, laws } from './oracles.fixture.ts';
export { starts } from './ramp.fixture.ts';
export { stoppingServices } from './stopping.fixture.ts';

/** What one job found, small enough to send between threads. */
export function runOracle(job: OracleJob | StoppingJob | RampJob) {
  if (job.kind === 'ramp') return rampOf(job);
  return job.kind === 'stopping' ? stoppingOf(job) : runSteadyOracle(job);
}
