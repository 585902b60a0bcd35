/** Was there a load that held, for long enough? Checks 1 to 5, 9, 19 and 21. */
import type { Claim, SteadyCheck } from '../../../core/steady.ts';
import { latencyOf, type RunFacts, type SteadyFacts } from '../facts.ts';
import type { MetricPlateau } from '../find-plateau.ts';
import { above, below, both, checked, latencyOnly, noWindow, percent, unchecked } from './check.ts';

export function plateauFound({ load, steady, run }: RunFacts): SteadyCheck {
  const about = {
    name: 'plateau_found',
    concerns: both,
    threshold: 'the maximum was reached; 2 sends or more at it; settles within a third of the load phase',
  };
  const fail = (found: string, advice: string, concerns: Claim[] = both) =>
    checked(1, 'failed', { ...about, concerns, found, advice });
  if (load === null) return fail('no request succeeded under load', 'See the failures first.');
  if (load.sends < 2) {
    return fail(
      `${load.sends} requests were sent at the full level`,
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
    return fail(
      `${names} had not settled after a third of the load phase`,
      'Warm up for longer.',
      concernsOf(unsettled),
    );
  }
  const cut = steady.plateau.fromMs - load.fromMs;
  if (!load.reachedMaximum) {
    return checked(1, 'reservation', {
      ...about,
      found: `the level never reached ${run.info.batchSize}; ${load.target}, its 95th percentile, was taken`,
      advice: 'Raise request_rate or the number of requests, or lower batch_size.',
    });
  }
  const found =
    cut > 0 ? `${(cut / 1000).toFixed(3)} s cut as warm-up` : 'steady from the start of the load phase';
  return checked(1, 'ok', { ...about, found, advice: '' });
}

export function lengthInWaves({ steady }: RunFacts): SteadyCheck {
  const about = { name: 'length_waves', concerns: both, threshold: '10 request cycles; fails below 4' };
  if (steady === null) return unchecked(2, 'not tested', about, noWindow);
  const waves = lengthMs(steady) / steady.plateau.cycleMs;
  return checked(2, below(waves, 10, 4), {
    ...about,
    found: `${waves.toFixed(1)} request cycles`,
    advice: 'Run longer: more requests, or a longer --pressure-time.',
  });
}

export function lengthAgainstTail({ steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'length_vs_tail',
    concerns: latencyOnly,
    threshold: '5 times the P99 of E2EL; fails below 2',
  };
  if (steady === null) return unchecked(3, 'not tested', about, noWindow);
  const times = lengthMs(steady) / 1000 / latencyOf(steady.latencies, 'E2EL', 'P99');
  if (Number.isNaN(times)) return unchecked(3, 'not tested', about, 'no request ended in the window');
  return checked(3, below(times, 5, 2), {
    ...about,
    found: `${times.toFixed(1)} times the P99`,
    advice: 'Run longer: the longest requests hardly fit into the window.',
  });
}

/** Least length of a steady window, s: stalls have periods of minutes. */
const LEAST_LENGTH_S = 60;

export function wallClock({ steady }: RunFacts): SteadyCheck {
  const about = { name: 'wall_clock', concerns: both, threshold: `${LEAST_LENGTH_S} s` };
  if (steady === null) return unchecked(4, 'not tested', about, noWindow);
  const lengthS = lengthMs(steady) / 1000;
  return checked(4, below(lengthS, LEAST_LENGTH_S, 0), {
    ...about,
    found: `${lengthS.toFixed(1)} s`,
    advice: 'Run longer: what happens once a minute cannot show in less.',
  });
}

export function occupancy({ steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'occupancy',
    concerns: both,
    threshold: '98 % of the target level; fails below 95 %',
  };
  if (steady === null) return unchecked(5, 'not tested', about, noWindow);
  if (steady.load.kind === 'open') return unchecked(5, 'not applicable', about, 'arrivals come by the clock');
  const share = steady.rates.meanLevel / steady.load.target;
  return checked(5, below(share, 0.98, 0.95), {
    ...about,
    found: `${percent(share)} of ${steady.load.target}`,
    advice: 'Slots stood empty: look for pauses of the client, failures, or a request_rate that is too low.',
  });
}

export function synchrony({ steady }: RunFacts): SteadyCheck {
  const about = { name: 'sync', concerns: latencyOnly, threshold: '0.05' };
  if (steady === null) return unchecked(9, 'not tested', about, noWindow);
  return checked(9, above(steady.synchrony, 0.05, Number.POSITIVE_INFINITY), {
    ...about,
    found: steady.synchrony.toFixed(3),
    advice:
      'Requests run in lock step, so each prefill is one of a burst: let clients start one after another.',
  });
}

/** In an open loop the level is the queue: it and the wait for a first token grow together when the service is too slow. */
export function queueGrowth({ steady }: RunFacts): SteadyCheck {
  const about = { name: 'queue', concerns: both, threshold: 'the level and TTFT do not both grow' };
  if (steady === null) return unchecked(19, 'not tested', about, noWindow);
  if (steady.load.kind === 'closed')
    return unchecked(19, 'not applicable', about, 'the client holds the level');
  const { levelDrift } = steady;
  const ttft = steady.plateau.metrics.find((metric) => metric.metric === 'ttft')?.drift;
  const waitGrows = ttft === undefined || ttft.change > ttft.halfWidth;
  const grows = levelDrift.result === 'drift' && levelDrift.change > 0 && waitGrows;
  const unclear = levelDrift.result === 'inconclusive';
  return checked(19, grows ? 'failed' : unclear ? 'reservation' : 'ok', {
    ...about,
    found: `the level changed by ${percent(levelDrift.change)} ± ${percent(levelDrift.halfWidth)}`,
    advice: grows ? 'Requests come faster than they are served: lower the rate.' : 'Run longer.',
  });
}

export function quantilesIdentified({ steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'quantile_identified',
    concerns: latencyOnly,
    threshold: 'every quantile was reached',
  };
  if (steady === null) return unchecked(21, 'not tested', about, noWindow);
  const open = steady.latencies.filter((figure) => figure.atLeast || Number.isNaN(figure.value));
  return checked(21, open.length > 0 ? 'reservation' : 'ok', {
    ...about,
    found:
      open.length > 0 ? `not reached: ${open.map((f) => `${f.name} ${f.stat}`).join(', ')}` : 'all reached',
    advice: 'Run longer: some requests outlive the window.',
  });
}

/** What TTFT alone says is about latency alone. */
export function concernsOf(metrics: readonly MetricPlateau[]): Claim[] {
  return metrics.some((metric) => metric.metric === 'throughput') ? both : latencyOnly;
}

function lengthMs({ plateau }: SteadyFacts): number {
  return plateau.toMs - plateau.fromMs;
}
