/** Recorded runs of open loops in front of queues of known law, in virtual time. */
import type { Random } from '../../src/core/random.ts';
import type { RecordedRun } from '../../src/core/run.ts';
import { type Rows, runOfRows } from './virtual-run.ts';

export interface Queue {
  servers: number;
  requests: number;
  arrivalsPerS: number;
  /** Mean 1 s. */
  serviceS: (random: Random) => number;
}

/** Open loop: a Poisson stream served first come, first served; the first of two tokens when service starts. */
export function queueRun(queue: Queue, random: Random): RecordedRun {
  const rows: Rows = { sentUs: [], endUs: [], tokens: [] };
  const freeUs = new Float64Array(queue.servers);
  const startUs: number[] = [];
  let atUs = 0;
  for (let i = 0; i < queue.requests; i++) {
    atUs += Math.round((random.exponential() / queue.arrivalsPerS) * 1e6);
    let server = 0;
    for (let k = 1; k < queue.servers; k++) if (freeUs[k] < freeUs[server]) server = k;
    const start = Math.max(atUs, freeUs[server]);
    freeUs[server] = start + Math.round(queue.serviceS(random) * 1e6);
    rows.sentUs.push(atUs);
    rows.tokens.push(2);
    rows.endUs.push(freeUs[server]);
    startUs.push(start);
  }
  return openRun(rows, startUs, queue.arrivalsPerS);
}

/**
 * Open loop: a Poisson stream served all at once, each at one n-th of the speed while n are there (M/G/1 with
 * processor sharing). Work is counted in what one request gets, so that a request ends a fixed amount of it
 * after it came.
 */
export function sharedServerRun(
  { requests, arrivalsPerS, serviceS }: Omit<Queue, 'servers'>,
  random: Random,
) {
  const rows: Rows = { sentUs: [], endUs: [], tokens: [] };
  const present: { row: number; endsAtShare: number }[] = [];
  let nowUs = 0;
  let share = 0;
  const serveUntil = (untilUs: number) => {
    while (present.length > 0) {
      const first = present.reduce((a, b) => (b.endsAtShare < a.endsAtShare ? b : a));
      const endUs = nowUs + (first.endsAtShare - share) * present.length;
      if (endUs > untilUs) break;
      rows.endUs[first.row] = Math.round(endUs);
      share = first.endsAtShare;
      nowUs = endUs;
      present.splice(present.indexOf(first), 1);
    }
    if (present.length > 0) share += (untilUs - nowUs) / present.length;
    nowUs = untilUs;
  };
  let sentUs = 0;
  for (let row = 0; row < requests; row++) {
    sentUs += Math.round((random.exponential() / arrivalsPerS) * 1e6);
    serveUntil(sentUs);
    rows.sentUs.push(sentUs);
    rows.tokens.push(2);
    present.push({ row, endsAtShare: share + serviceS(random) * 1e6 });
  }
  serveUntil(Number.POSITIVE_INFINITY);
  return openRun(rows, rows.sentUs, arrivalsPerS);
}

/** The first of two tokens at `startUs`, the second at the end. */
function openRun(rows: Rows, startUs: readonly number[], arrivalsPerS: number): RecordedRun {
  const run = runOfRows(rows, { inTokens: 100, batchSize: 1_000_000 }, (row, gaps) => {
    gaps[0] = startUs[row] - rows.sentUs[row];
    gaps[1] = rows.endUs[row] - startUs[row];
  });
  return {
    ...run,
    info: {
      ...run.info,
      schedule: {
        kind: 'rate',
        requests: rows.tokens.length,
        limit: 1_000_000,
        requestsPerS: arrivalsPerS,
        burstiness: 1,
        seed: 0,
      },
    },
  };
}
