// npm run demo: install when needed, build, and run the demo; extra arguments go to `ais_bench demo`.
import { ensureDependencies, run } from './ensure-deps.mjs';

ensureDependencies();
const built = run(process.execPath, ['scripts/build.mjs']);
if (built !== 0) process.exit(built);
process.exit(run(process.execPath, ['dist/cli/bin.js', 'demo', ...process.argv.slice(2)]));
