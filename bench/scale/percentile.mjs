// Five percentiles of N lognormal gaps with the product's selection. Prints { cpu_s, quantiles }.

import { selectingDistribution } from '../../src/analysis/select.ts';
import { seededRandom } from '../../src/core/random.ts';

const random = seededRandom(1, 'percentile');
const values = new Float64Array(Number(process.argv[2]));
for (let i = 0; i < values.length; i++) values[i] = 20 * Math.exp(0.35 * random.normal());
const before = process.cpuUsage();
const wanted = [0.5, 0.75, 0.9, 0.95, 0.99];
const { quantile } = selectingDistribution(values, wanted);
const quantiles = wanted.map(quantile);
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ cpu_s: (user + system) / 1e6, quantiles })}\n`);
