/** Speculative decoding of one service, as a table and as the original's file. */

import { z } from 'zod';
import type { DraftFigures, SpecDecodeReading } from '../core/spec-decode.ts';
import { serviceFile } from '../core/text/file-name.ts';
import { quietJson } from '../core/text/outside-text.ts';
import { fancyGrid } from './fancy-grid.ts';

/** No trailing newline. */
export function renderSpecDecode(service: string, f: DraftFigures): string {
  const positions = f.perPosition.map(({ position, rate }) => `${position}: ${rate.toFixed(4)}`);
  const rows = [
    ['Acceptance rate (%)', (f.acceptanceRate * 100).toFixed(2)],
    ['Acceptance length', f.acceptanceLength.toFixed(2)],
    ['Drafts', String(f.drafts)],
    ['Draft tokens', String(f.draftTokens)],
    ['Accepted tokens', String(f.acceptedTokens)],
    ['Per-position acceptance rates', `{${positions.join(', ')}}`],
  ];
  return fancyGrid([`Speculative Decoding Metrics [${service}]`, 'Value'], rows);
}

/**
 * The original's file, under its name, or under another where that is among the `taken`. `raw` holds the first and the last reading; `measured`, which the original
 * lacks, each measured part: their differences add up to `data`, whatever was sent between them.
 */
export function specDecodeFile(
  reading: SpecDecodeReading,
  taken: ReadonlySet<string> = new Set(),
): { fileName: string; content: string } {
  const { url, service, figures, problem, parts } = reading;
  const file = {
    status: figures ? 'ok' : 'na',
    url,
    error: problem,
    data: figures && {
      num_drafts: figures.drafts,
      draft_tokens: figures.draftTokens,
      accepted_tokens: figures.acceptedTokens,
      acceptance_rate: figures.acceptanceRate * 100,
      acceptance_length: figures.acceptanceLength,
      per_position_acceptance_rates: Object.fromEntries(figures.perPosition.map((p) => [p.position, p.rate])),
    },
    raw: { before: parts[0]?.before ?? null, after: parts.at(-1)?.after ?? null },
    measured: parts,
  };
  return {
    fileName: serviceFile('spec_decode_', service, taken),
    content: `${quietJson(JSON.stringify(file, null, 2))}\n`,
  };
}

const recorded = z.object({
  url: z.string(),
  error: z.string().nullable(),
  data: z
    .object({
      num_drafts: z.number(),
      draft_tokens: z.number(),
      accepted_tokens: z.number(),
      acceptance_rate: z.number(),
      acceptance_length: z.number(),
      per_position_acceptance_rates: z.record(z.string(), z.number()),
    })
    .nullable(),
});

/** What such a file says; null when it is none. */
export function readSpecDecodeFile(content: string): Omit<SpecDecodeReading, 'parts'> | null {
  const file = recorded.safeParse(jsonOf(content)).data;
  if (!file || !URL.canParse(file.url)) return null;
  const { url, error: problem, data } = file;
  const positions = Object.entries(data?.per_position_acceptance_rates ?? {})
    .map(([position, rate]) => ({ position: Number(position), rate }))
    .sort((a, b) => a.position - b.position);
  const figures = data && {
    drafts: data.num_drafts,
    draftTokens: data.draft_tokens,
    acceptedTokens: data.accepted_tokens,
    acceptanceRate: data.acceptance_rate / 100,
    acceptanceLength: data.acceptance_length,
    perPosition: positions,
  };
  return { url, service: serviceAt(new URL(url)), figures, problem };
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

/** The name of a service whose `metrics` are at `url`: host, port and what comes before `metrics`. */
export function serviceAt({ hostname, port, protocol, pathname }: URL): string {
  const usual = protocol === 'https:' ? '443' : '80';
  return `${hostname}:${port || usual}${pathname.replace(/\/metrics$/, '')}`;
}
