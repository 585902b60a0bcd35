/** Plug-in: does the record hold together, and did the service stay the same? */
import { OUTCOME, tokenSources } from '../../../core/records.ts';
import { formatPercent } from '../../../core/text/format-numbers.ts';
import { knownTokens, type RequestTable } from '../../request-table.ts';
import type { MetricPlateau } from '../find-plateau.ts';
import type { Drift } from '../series-tests.ts';
import { above, both, type Check, type Severity, worst } from './check.ts';
import { concernsOf } from './load-checks.ts';

export const driftAndShift: Check = {
  name: 'drift',
  concerns: both,
  threshold: 'throughput and ITL within 5 %, TTFT within 20 %; no shift of 5 %',
  needs: 'window',
  run({ steady }) {
    const { metrics } = steady.plateau;
    const severities = metrics.map(severityOf);
    const result = worst(severities);
    const guilty = metrics.filter((_, i) => severities[i] === result);
    return {
      result,
      concerns: result === 'ok' ? both : concernsOf(guilty),
      found: metrics.map(describeMetric).join('; '),
      advice:
        result === 'failed'
          ? 'The service changed during the run. Warm it up longer, or find out what changed.'
          : 'Run longer: the series are too noisy to decide.',
    };
  },
};

function severityOf({ shift, drift }: MetricPlateau): Severity {
  if (shift !== null || drift.result === 'drift') return 'failed';
  return drift.result === 'inconclusive' ? 'reservation' : 'ok';
}

function describeMetric({ metric, shift, drift }: MetricPlateau): string {
  const step = shift === null ? '' : `, a shift of ${formatPercent(shift.step)} at batch ${shift.at} of 20`;
  return `${metric} ${formatPercent(drift.change)} ± ${formatPercent(drift.halfWidth)}${step}`;
}

/** More than the edges of the window explain: members that the load did not carry, or load that no member explains. */
export const littleResidual: Check = {
  name: 'little_residual',
  concerns: both,
  threshold: '2 % or 2 standard errors; fails above 10 % and 3',
  needs: 'window',
  run({ steady }) {
    const size = Math.abs(steady.rates.littleResidual);
    const mean = steady.latencies.find((figure) => figure.name === 'E2EL' && figure.stat === 'Mean');
    // The 95 % interval is some four standard errors wide.
    const error = mean?.high == null ? 0 : (mean.high - mean.value) / mean.value / 2;
    return {
      result: above(size, Math.max(0.02, 2 * error), Math.max(0.1, 3 * error)),
      found: formatPercent(steady.rates.littleResidual, 2),
      advice:
        'Run longer: the requests in this window do not account for the measured concurrency (Little’s law).',
    };
  },
};

export const intervalIdentity: Check = {
  name: 'interval_identity',
  concerns: both,
  threshold: '0.000001',
  needs: 'window',
  run({ steady }) {
    const difference = Math.abs(steady.sweptLevel / steady.rates.meanLevel - 1);
    return {
      result: above(difference, 1e-6, 1e-6),
      found: difference.toExponential(1),
      advice: 'This is a bug in ais_bench. Please report it.',
    };
  },
};

export const errors: Check = {
  name: 'errors',
  concerns: both,
  threshold: 'none; fails above 1 %',
  needs: 'nothing',
  run({ table }) {
    let failed = 0;
    // Requests that the end of the run cut off are no errors of the service.
    for (let row = 0; row < table.count; row++) {
      if (table.success[row] === 0 && table.outcome[row] !== OUTCOME.cancelled) failed++;
    }
    return {
      result: above(table.count > 0 ? failed / table.count : 0, 0, 0.01),
      found: `${failed} of ${table.count} requests`,
      advice: 'Failed requests end early and reduce the load. Fix the cause before trusting the figures.',
    };
  },
};

/**
 * Counts come per request and are spread over its events; a request may have one token without text (its end mark)
 * before the two are said to differ.
 */
export const tokenAccount: Check = {
  name: 'token_account',
  concerns: ['throughput'],
  threshold: '0.5 % between events and tokens; fails above 5 %, or with 5 % of the counts unknown',
  needs: 'nothing',
  run({ run, table }) {
    const { tokens, off, unknown, estimated, told, successes } = accountOf(table);
    const unknownSeverity = above(unknown / Math.max(1, successes), 0, 0.05);
    if (!run.info.stream) {
      return {
        result: worst(['reservation', unknownSeverity]),
        found: 'the run did not stream, so tokens are distributed evenly over each request',
        advice: 'Use a streaming task to record when each token arrives.',
      };
    }
    const offShare = off / Math.max(1, tokens);
    const byEvent = told > 0 ? `, ${told} told event by event` : '';
    return {
      result: worst([above(offShare, 0.005, 0.05), unknownSeverity]),
      found: `events and tokens differ by ${formatPercent(offShare, 2)}; ${estimated} of ${successes} counts estimated, ${unknown} unknown${byEvent}`,
      advice:
        'Events carry several tokens or none, so arrival times of tokens are approximate. Read TPOT, not ITL.',
    };
  },
};

function accountOf(table: RequestTable) {
  const account = { tokens: 0, off: 0, unknown: 0, estimated: 0, told: 0, successes: 0 };
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0) continue;
    account.successes++;
    if (table.counted[row] > 0) account.told++;
    const tokens = knownTokens(table.outTokens[row]);
    if (Number.isNaN(tokens)) account.unknown++;
    else {
      account.tokens += tokens;
      account.off += Math.max(0, Math.abs(tokens - (table.counted[row] || table.points[row])) - 1);
    }
    const source = tokenSources[table.tokenSource[row]];
    if (source === 'tokenizer' || source === 'embedded') account.estimated++;
  }
  return account;
}

/** Only where the service was told to ignore the end of text; elsewhere a short output is the model's choice. */
export const lengthControl: Check = {
  name: 'length_control',
  concerns: ['throughput'],
  threshold: '1 % of outputs without the requested length',
  needs: 'nothing',
  run({ run, table }) {
    const { forcedOutTokens: forced, samples } = run.info;
    if (forced === undefined) {
      return { result: 'not applicable', found: 'lengths were not forced (ignore_eos)' };
    }
    let off = 0;
    let seen = 0;
    for (let row = 0; row < table.count; row++) {
      const tokens = knownTokens(table.outTokens[row]);
      if (table.success[row] === 0 || Number.isNaN(tokens)) continue;
      seen++;
      if (tokens !== (typeof forced === 'number' ? forced : forced[table.index[row] % samples])) off++;
    }
    if (seen === 0) return { result: 'not tested', found: 'no output of known length' };
    return {
      result: above(off / seen, 0.01, Number.POSITIVE_INFINITY),
      found: `${off} of ${seen} outputs`,
      advice:
        'The service ends outputs early or late although ignore_eos is set. Check that it supports this option.',
    };
  },
};

/** The same test as for drift; amber only when the change is beyond doubt, because lengths vary by much more than speeds. */
export const inputMix: Check = {
  name: 'input_mix',
  concerns: both,
  threshold: 'prompt and output lengths within 5 %',
  needs: 'window',
  run({ steady }) {
    const drifts = [steady.inputMixDrift, steady.outputMixDrift].filter((drift) => drift !== null);
    if (drifts.length === 0) return { result: 'not tested', found: 'too few requests' };
    return {
      result: drifts.some(isBeyondDoubt) ? 'reservation' : 'ok',
      found: drifts
        .map(({ change, halfWidth }) => `${formatPercent(change)} ± ${formatPercent(halfWidth)}`)
        .join(', '),
      advice:
        'The dataset appears to be ordered by length. Shuffle it so that the request mix stays constant.',
    };
  },
};

function isBeyondDoubt({ change, halfWidth, delta }: Drift): boolean {
  return Math.abs(change) > Math.max(delta, 2 * halfWidth);
}
