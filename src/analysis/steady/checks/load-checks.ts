/** Plug-in: was there a load that held, for long enough? */
import type { Claim } from '../../../core/steady.ts';
import { formatPercent } from '../../../core/text/format-numbers.ts';
import { latencyOf, type RunFacts, type SteadyFacts } from '../facts.ts';
import type { MetricPlateau } from '../find-plateau.ts';
import { above, below, both, type Check, type Finding, latencyOnly } from './check.ts';

export const plateauFound: Check = {
  name: 'plateau_found',
  concerns: both,
  threshold: 'the maximum was reached with at least 2 sends; steady within a third of the load phase',
  needs: 'nothing',
  run(facts) {
    const { load, steady } = facts;
    if (load === null) return fail('no request succeeded under load', 'Fix the failures first.');
    if (load.sends < 2) {
      return fail(
        `${load.sends} requests were sent at full concurrency`,
        'Send more requests, or use --pressure.',
      );
    }
    if (steady === null) {
      return fail(
        'the load phase is shorter than two request cycles',
        'Send more requests, or use --pressure with a longer --pressure-time.',
      );
    }
    const unsettled = steady.plateau.metrics.filter((metric) => metric.unsettled);
    if (unsettled.length > 0) {
      const names = unsettled.map((metric) => metric.metric).join(', ');
      const found = `${names} still changed after a third of the load phase`;
      return { ...fail(found, 'Warm up for longer.'), concerns: concernsOf(unsettled) };
    }
    return describePlateau(facts, steady);
  },
};

function fail(found: string, advice: string): Finding {
  return { result: 'failed', found, advice };
}

function describePlateau({ run }: RunFacts, { load, plateau }: SteadyFacts): Finding {
  if (!load.reachedMaximum) {
    return {
      result: 'reservation',
      found: `the concurrency never reached ${run.info.batchSize}; its 95th percentile, ${load.target}, is used`,
      advice: 'Raise request_rate or the number of requests, or lower batch_size.',
    };
  }
  const cutMs = plateau.fromMs - load.fromMs;
  const found =
    cutMs > 0 ? `${(cutMs / 1000).toFixed(3)} s cut as warm-up` : 'steady from the start of the load phase';
  return { result: 'ok', found };
}

export const lengthInWaves: Check = {
  name: 'length_waves',
  concerns: both,
  threshold: '10 request cycles; fails below 4',
  needs: 'window',
  run({ steady }) {
    const waves = lengthMs(steady) / steady.plateau.cycleMs;
    return {
      result: below(waves, 10, 4),
      found: `${waves.toFixed(1)} request cycles`,
      advice: 'Run longer: send more requests, or use a longer --pressure-time.',
    };
  },
};

export const lengthAgainstTail: Check = {
  name: 'length_vs_tail',
  concerns: latencyOnly,
  threshold: '5 times the P99 of E2EL; fails below 2',
  needs: 'window',
  run({ steady }) {
    const times = lengthMs(steady) / 1000 / latencyOf(steady.latencies, 'E2EL', 'P99');
    if (Number.isNaN(times)) return { result: 'not tested', found: 'no request ended in the window' };
    return {
      result: below(times, 5, 2),
      found: `${times.toFixed(1)} times the P99`,
      advice: 'Run longer: the slowest requests barely fit into the window.',
    };
  },
};

/** Least length of a steady window, s: stalls have periods of minutes. */
const MIN_LENGTH_S = 60;

export const wallClock: Check = {
  name: 'wall_clock',
  concerns: both,
  threshold: `${MIN_LENGTH_S} s`,
  needs: 'window',
  run({ steady }) {
    const lengthS = lengthMs(steady) / 1000;
    return {
      result: below(lengthS, MIN_LENGTH_S, 0),
      found: `${lengthS.toFixed(1)} s`,
      advice: 'Run longer: events that occur once a minute cannot be observed in a shorter window.',
    };
  },
};

export const occupancy: Check = {
  name: 'occupancy',
  concerns: both,
  threshold: '98 % of the target concurrency; fails below 95 %',
  needs: 'closed',
  otherwise: 'arrivals follow a schedule',
  run({ steady }) {
    const share = steady.rates.meanLevel / steady.load.target;
    return {
      result: below(share, 0.98, 0.95),
      found: `${formatPercent(share)} of ${steady.load.target}`,
      advice: 'Slots were idle. Look for pauses of the client, failures, or a request_rate that is too low.',
    };
  },
};

export const synchrony: Check = {
  name: 'sync',
  concerns: latencyOnly,
  threshold: '0.05',
  needs: 'window',
  run({ steady }) {
    return {
      result: above(steady.synchrony, 0.05, Number.POSITIVE_INFINITY),
      found: steady.synchrony.toFixed(3),
      advice:
        'Requests are synchronized, so prefills arrive in bursts. Stagger client starts (--ramp staggered).',
    };
  },
};

/** In an open loop the level is the queue: it and the wait for a first token grow together when the service is too slow. */
export const queueGrowth: Check = {
  name: 'queue',
  concerns: both,
  threshold: 'concurrency and TTFT do not both grow',
  needs: 'open',
  otherwise: 'the client keeps the concurrency constant',
  run({ steady }) {
    const { levelDrift } = steady;
    const ttft = steady.plateau.metrics.find((metric) => metric.metric === 'ttft')?.drift;
    const waitGrows = ttft === undefined || ttft.change > ttft.halfWidth;
    const found = `the concurrency changed by ${formatPercent(levelDrift.change)} ± ${formatPercent(levelDrift.halfWidth)}`;
    if (levelDrift.result === 'drift' && levelDrift.change > 0 && waitGrows) {
      return {
        result: 'failed',
        found,
        advice: 'Requests arrive faster than they are served. Lower the rate.',
      };
    }
    return {
      result: levelDrift.result === 'inconclusive' ? 'reservation' : 'ok',
      found,
      advice: 'Run longer.',
    };
  },
};

export const quantilesIdentified: Check = {
  name: 'quantile_identified',
  concerns: latencyOnly,
  threshold: 'every quantile was reached',
  needs: 'window',
  run({ steady }) {
    const open = steady.latencies.filter((figure) => figure.atLeast || Number.isNaN(figure.value));
    if (open.length === 0) return { result: 'ok', found: 'all reached' };
    return {
      result: 'reservation',
      found: `not reached: ${open.map((f) => `${f.name} ${f.stat}`).join(', ')}`,
      advice: 'Run longer: some requests outlast the window.',
    };
  },
};

/** What TTFT alone says is about latency alone. */
export function concernsOf(metrics: readonly MetricPlateau[]): Claim[] {
  return metrics.some((metric) => metric.metric === 'throughput') ? both : latencyOnly;
}

function lengthMs({ plateau }: SteadyFacts): number {
  return plateau.toMs - plateau.fromMs;
}
