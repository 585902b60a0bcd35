/** From a service's metrics before and after a load to the figures of its speculative decoding. */
import type { DraftCounters, DraftFigures } from '../core/spec-decode.ts';

/** `name{labels} value`; a label's value is quoted and may hold anything, blanks and braces too. */
const SAMPLE = /^vllm:spec_decode_(num_[a-z_]+)_total(?:\{((?:[^"}]|"(?:\\.|[^"\\])*")*)\})?[ \t]+(\S+)/;
const POSITION = /(?:^|,)\s*position="(\d+)"/;

type Total = Exclude<keyof DraftCounters, 'num_accepted_tokens_per_pos'>;
const totals: readonly Total[] = ['num_drafts', 'num_draft_tokens', 'num_accepted_tokens'];

/**
 * The draft counters in a Prometheus text, summed over engines and models; null when it has none.
 * Names are vLLM's: `vllm:spec_decode_num_drafts_total` and so on.
 */
export function readDraftCounters(text: string): DraftCounters | null {
  const counters: DraftCounters = { ...noCounts, num_accepted_tokens_per_pos: {} };
  const perPosition = counters.num_accepted_tokens_per_pos;
  let found = false;
  for (const line of text.split('\n')) {
    const [, name, labels = '', number] = SAMPLE.exec(line) ?? [];
    const value = Math.trunc(Number(number));
    if (name === undefined || !Number.isFinite(value)) continue;
    const total = totals.find((known) => known === name);
    const position = name === 'num_accepted_tokens_per_pos' ? POSITION.exec(labels)?.[1] : undefined;
    if (total) counters[total] += value;
    else if (position !== undefined) perPosition[position] = (perPosition[position] ?? 0) + value;
    else continue;
    found = true;
  }
  return found ? counters : null;
}

const noCounts = { num_drafts: 0, num_draft_tokens: 0, num_accepted_tokens: 0 };

/**
 * Figures of what was counted in all `parts` together, or why there are none:
 * rate = accepted ÷ guessed tokens; length = 1 + accepted ÷ drafts; position k: accepted there ÷ drafts.
 */
export function draftFigures(
  parts: readonly { before: DraftCounters; after: DraftCounters }[],
): { figures: DraftFigures } | { problem: string } {
  const sum = (of: (counters: DraftCounters) => number) =>
    parts.reduce((total, { before, after }) => total + of(after) - of(before), 0);
  const drafts = sum((c) => c.num_drafts);
  const draftTokens = sum((c) => c.num_draft_tokens);
  const acceptedTokens = sum((c) => c.num_accepted_tokens);
  const wentBack = parts.some(({ before, after }) => totals.some((name) => after[name] < before[name]));
  if (wentBack) return { problem: 'its counters decreased during the run, so it was restarted' };
  if (draftTokens === 0) return { problem: 'it drafted no token during the measured requests' };
  const positions = new Set(parts.flatMap(({ after }) => Object.keys(after.num_accepted_tokens_per_pos)));
  const perPosition = [...positions]
    .sort((a, b) => Number(a) - Number(b))
    .map((position) => {
      const accepted = sum((c) => c.num_accepted_tokens_per_pos[position] ?? 0);
      return { position: Number(position), rate: drafts === 0 ? 0 : Math.max(0, accepted) / drafts };
    });
  return {
    figures: {
      drafts,
      draftTokens,
      acceptedTokens,
      acceptanceRate: acceptedTokens / draftTokens,
      acceptanceLength: drafts === 0 ? 0 : 1 + acceptedTokens / drafts,
      perPosition,
    },
  };
}
