/** Does the record hold together, and did the service stay the same? Checks 6 to 8 and 15 to 18. */
import { OUTCOME, tokenSources } from '../../../core/records.ts';
import type { SteadyCheck } from '../../../core/steady.ts';
import { knownTokens, type RequestTable } from '../../request-table.ts';
import type { RunFacts } from '../facts.ts';
import type { MetricPlateau } from '../find-plateau.ts';
import type { Drift } from '../plateau.ts';
import { above, both, checked, type Level, noWindow, percent, unchecked, worst } from './check.ts';
import { concernsOf } from './load-checks.ts';

export function driftAndShift({ steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'drift',
    concerns: both,
    threshold: 'throughput and ITL within 5 %, TTFT within 20 %; no step of 5 %',
  };
  if (steady === null) return unchecked(6, 'not tested', about, noWindow);
  const { metrics } = steady.plateau;
  const levels = metrics.map(levelOf);
  const level = worst(levels);
  const guilty = metrics.filter((_, i) => levels[i] === level);
  return checked(6, level, {
    ...about,
    concerns: level === 'ok' ? both : concernsOf(guilty),
    found: metrics.map(describeMetric).join('; '),
    advice:
      level === 'failed'
        ? 'The service changed during the run: warm it up for longer, or find out what changed.'
        : 'Run longer: the series are too noisy to tell.',
  });
}

function levelOf({ shift, drift }: MetricPlateau): Level {
  if (shift !== null || drift.result === 'drift') return 'failed';
  return drift.result === 'inconclusive' ? 'reservation' : 'ok';
}

function describeMetric({ metric, shift, drift }: MetricPlateau): string {
  const step = shift === null ? '' : `, a step of ${percent(shift.step)} at batch ${shift.at} of 20`;
  return `${metric} ${percent(drift.change)} ± ${percent(drift.halfWidth)}${step}`;
}

/** More than the edges of the window explain: members that the load did not carry, or load that no member explains. */
export function littleResidual({ steady }: RunFacts): SteadyCheck {
  const about = {
    name: 'little_residual',
    concerns: both,
    threshold: '2 % or 2 standard errors; fails above 10 % and 3',
  };
  if (steady === null) return unchecked(7, 'not tested', about, noWindow);
  const size = Math.abs(steady.rates.littleResidual);
  const mean = steady.latencies.find((figure) => figure.name === 'E2EL' && figure.stat === 'Mean');
  // The 95 % interval is some four standard errors wide.
  const error = mean?.high == null ? 0 : (mean.high - mean.value) / mean.value / 2;
  return checked(7, above(size, Math.max(0.02, 2 * error), Math.max(0.1, 3 * error)), {
    ...about,
    found: percent(steady.rates.littleResidual, 2),
    advice: 'Run longer: the requests of the window and its load do not belong together.',
  });
}

export function intervalIdentity({ steady }: RunFacts): SteadyCheck {
  const about = { name: 'interval_identity', concerns: both, threshold: '0.000001' };
  if (steady === null) return unchecked(8, 'not tested', about, noWindow);
  const difference = Math.abs(steady.sweptLevel / steady.rates.meanLevel - 1);
  return checked(8, above(difference, 1e-6, 1e-6), {
    ...about,
    found: difference.toExponential(1),
    advice: 'This is a bug of this tool: please report it.',
  });
}

export function errors({ table }: RunFacts): SteadyCheck {
  let failed = 0;
  // Requests that the end of the run cut off are no errors of the service.
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0 && table.outcome[row] !== OUTCOME.cancelled) failed++;
  }
  return checked(15, above(table.count > 0 ? failed / table.count : 0, 0, 0.01), {
    name: 'errors',
    concerns: both,
    threshold: 'none; fails above 1 %',
    found: `${failed} of ${table.count} requests`,
    advice: 'Failed requests leave early and lighten the load: mend their cause first.',
  });
}

/**
 * Counts come per request and are spread over its events; a request may have one token without text (its end mark)
 * before the two are said to differ.
 */
export function tokenAccount({ run, table }: RunFacts): SteadyCheck {
  const { tokens, off, unknown, estimated, successes } = accountOf(table);
  const unknownShare = unknown / Math.max(1, successes);
  const offShare = off / Math.max(1, tokens);
  const spread = run.info.stream ? 'ok' : 'reservation';
  const found = run.info.stream
    ? `events and tokens differ by ${percent(offShare, 2)}; ${estimated} of ${successes} counts estimated, ${unknown} unknown`
    : 'the run did not stream: tokens are spread evenly over each request';
  return checked(
    16,
    worst([spread, above(run.info.stream ? offShare : 0, 0.005, 0.05), above(unknownShare, 0, 0.05)]),
    {
      name: 'token_account',
      concerns: ['throughput'],
      threshold: '0.5 % between events and tokens; fails above 5 %, or with 5 % of the counts unknown',
      found,
      advice: run.info.stream
        ? 'Events carry several tokens or none; when each token came is then known only roughly.'
        : 'Use a streaming task to know when each token came.',
    },
  );
}

function accountOf(table: RequestTable) {
  const account = { tokens: 0, off: 0, unknown: 0, estimated: 0, successes: 0 };
  for (let row = 0; row < table.count; row++) {
    if (table.success[row] === 0) continue;
    account.successes++;
    const tokens = knownTokens(table.outTokens[row]);
    if (Number.isNaN(tokens)) account.unknown++;
    else {
      account.tokens += tokens;
      account.off += Math.max(0, Math.abs(tokens - table.points[row]) - 1);
    }
    const source = tokenSources[table.tokenSource[row]];
    if (source === 'tokenizer' || source === 'embedded') account.estimated++;
  }
  return account;
}

/** Only where the service was told to ignore the end of text; elsewhere a short output is the model's choice. */
export function lengthControl({ run, table }: RunFacts): SteadyCheck {
  const about: Pick<SteadyCheck, 'name' | 'concerns' | 'threshold'> = {
    name: 'length_control',
    concerns: ['throughput'],
    threshold: '1 % of outputs not as long as asked',
  };
  const { forcedOutTokens: forced, samples } = run.info;
  if (forced === undefined)
    return unchecked(17, 'not applicable', about, 'lengths were not forced (ignore_eos)');
  let off = 0;
  let seen = 0;
  for (let row = 0; row < table.count; row++) {
    const tokens = knownTokens(table.outTokens[row]);
    if (table.success[row] === 0 || Number.isNaN(tokens)) continue;
    seen++;
    if (tokens !== (typeof forced === 'number' ? forced : forced[table.index[row] % samples])) off++;
  }
  if (seen === 0) return unchecked(17, 'not tested', about, 'no output of known length');
  return checked(17, above(off / seen, 0.01, Number.POSITIVE_INFINITY), {
    ...about,
    found: `${off} of ${seen} outputs`,
    advice:
      'The service ends outputs early or late although ignore_eos is set: see whether it knows that option.',
  });
}

/** The same test as for drift; amber only when the change is beyond doubt, because lengths vary by much more than speeds. */
export function inputMix({ steady }: RunFacts): SteadyCheck {
  const about = { name: 'input_mix', concerns: both, threshold: 'prompt and output lengths within 5 %' };
  if (steady === null) return unchecked(18, 'not tested', about, noWindow);
  const drifts = [steady.inputMixDrift, steady.outputMixDrift].filter((drift) => drift !== null);
  if (drifts.length === 0) return unchecked(18, 'not tested', about, 'too few requests');
  const beyondDoubt = ({ change, halfWidth, delta }: Drift) =>
    Math.abs(change) > Math.max(delta, 2 * halfWidth);
  return checked(18, drifts.some(beyondDoubt) ? 'reservation' : 'ok', {
    ...about,
    found: drifts.map(({ change, halfWidth }) => `${percent(change)} ± ${percent(halfWidth)}`).join(', '),
    advice: 'The data come in an order of length: shuffle them, so that the service sees one mix.',
  });
}
