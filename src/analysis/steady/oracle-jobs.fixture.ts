/** What `scripts/oracles.mjs` bundles: every kind of oracle job behind one function. */
import { type OracleJob, runOracle as runSteadyOracle } from './oracles.fixture.ts';
import { type StoppingJob, stoppingOf } from './stopping.fixture.ts';

export { families, laws } from './oracles.fixture.ts';

/** What one job found, small enough to send between threads. */
export function runOracle(job: OracleJob | StoppingJob) {
  return job.kind === 'stopping' ? stoppingOf(job) : runSteadyOracle(job);
}
