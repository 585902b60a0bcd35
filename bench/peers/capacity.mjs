// The largest number of streams x 50 tokens a second at which a tool's time stamps are still right: p99 error < 5 ms.
import { median, quantile } from '../lateness.mjs';
import { noise } from '../processes.mjs';
import { ttftsOf } from './run-tool.mjs';

const LIMIT_MS = 5;
/** Noise only ever adds error, so that the better of some runs is the fairer. */
const ATTEMPTS = 2;
/** Beyond this the service's own core is the limit. */
const MAX_STREAMS = 3200;
const FIRST_STREAMS = 100;
const RESOLUTION = 1.15;
const WAVES = 4;
const SERVER = ['--mode', 'paced', '--interval-ms', '20', '--ttft-ms', '50', '--spread'];

/**
 * The largest n from 1 to `limit` for which `passes(n)` holds, to within the factor `ratio`: by doubling (halving)
 * from `start`, then by bisection. 0 when none holds; `refused` is the least that failed, null when none did.
 */
export async function largestPassing(passes, { start, limit, ratio }) {
  let good = 0;
  /** @type {number | null} */
  let refused = null;
  for (let n = start; n > good && refused === null; n = Math.min(2 * n, limit)) {
    if (await passes(n)) good = n;
    else refused = n;
  }
  while (good === 0 && refused !== null && refused > 1) {
    const n = refused >> 1;
    if (await passes(n)) good = n;
    else refused = n;
  }
  while (good > 0 && refused !== null && refused > good * ratio && refused > good + 1) {
    const n = Math.min(refused - 1, Math.max(good + 1, Math.round(Math.sqrt(good * refused))));
    if (await passes(n)) good = n;
    else refused = n;
  }
  return { largest: good, refused };
}

/**
 * p99 of the recorded TTFT minus that of the true one, ms, over all requests but the opening burst (the first
 * `streams`): what a tool's loop adds to a stamp while all its streams run.
 */
export function p99ErrorMs({ reported, actual }, streams) {
  const p99 = (ttfts) => quantile(Float64Array.from(ttfts.slice(streams)).sort(), 0.99);
  return p99(reported) - p99(actual);
}

/** What was found, how noisy the machine was meanwhile (median), or throws when not even one stream can be run. */
export async function capacityOf(tool, python, say, limit = MAX_STREAMS) {
  const errors = new Map();
  const reasons = new Map();
  const noiseShares = [];
  const passes = async (streams) => {
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < ATTEMPTS && best >= LIMIT_MS; attempt++) {
      const load = { connections: streams, requests: streams * WAVES, maxTokens: 128 };
      noiseShares.push(await noise());
      try {
        const found = await ttftsOf(tool, { python, serverOptions: SERVER, load, say });
        best = Math.min(best, p99ErrorMs(found, streams));
      } catch (error) {
        reasons.set(streams, error.message);
        break;
      }
    }
    errors.set(streams, best);
    process.stderr.write(
      `${tool.name}: ${streams} streams, p99 error ${reasons.get(streams) ?? `${best.toFixed(2)} ms`}\n`,
    );
    return best < LIMIT_MS;
  };
  const found = await largestPassing(passes, {
    start: Math.min(FIRST_STREAMS, limit),
    limit,
    ratio: RESOLUTION,
  });
  if (found.largest === 0 && reasons.size > 0) throw new Error(reasons.get(found.refused));
  return {
    streams: found.largest,
    error_ms: errors.get(found.largest),
    refused: found.refused,
    refused_error_ms: errors.get(found.refused),
    refused_reason: reasons.get(found.refused),
    noise_share: median(noiseShares),
  };
}
