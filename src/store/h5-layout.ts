/**
 * What `_details.h5` holds, in compressed-row form: the events of request row i are
 * `offset[i] … offset[i + 1]` of the event columns, its notes likewise bytes of `/notes/json`.
 */
import { KIND, outcomes, type rowColumns, tokenSources } from '../core/records.ts';

/** Written since files have a seal, without which they are not whole. */
export const H5_FORMAT = 2;
/** Had no seal. */
export const H5_FORMAT_UNSEALED = 1;

export interface StoredColumn {
  /** Absolute path in the file. */
  path: string;
  units: string;
  description: string;
}

/** The file's column for every row column of a batch. */
export const requestColumns = {
  index: {
    path: '/requests/index',
    units: '1',
    description:
      'request number in the order of the plan, from 0; after the last row of the dataset, the rows repeat',
  },
  attempt: {
    path: '/requests/attempt',
    units: '1',
    description: '0 for the first try, 1 for the first retry',
  },
  turn: {
    path: '/requests/turn',
    units: '1',
    description: 'turn of a conversation, 0 when there is only one',
  },
  worker: { path: '/requests/worker', units: '1', description: 'worker thread that sent it' },
  due: {
    path: '/requests/due_ms',
    units: 'ms',
    description: 'when it should have been sent, after the run start',
  },
  sent: {
    path: '/requests/sent_ms',
    units: 'ms',
    description: 'when its bytes were handed to the socket, after the run start',
  },
  firstByte: {
    path: '/requests/first_byte_ms',
    units: 'ms',
    description: 'when the first byte of the response came, after the run start; NaN: none came',
  },
  end: {
    path: '/requests/end_ms',
    units: 'ms',
    description: 'when the response was complete or the attempt had failed, after the run start',
  },
  outcome: { path: '/requests/outcome', units: '1', description: codeList(outcomes) },
  status: { path: '/requests/status', units: '1', description: 'HTTP status, 0: none' },
  inTokens: { path: '/requests/input_tokens', units: 'tokens', description: '4294967295: not known' },
  outTokens: { path: '/requests/output_tokens', units: 'tokens', description: '4294967295: not known' },
  tokenSource: { path: '/requests/token_source', units: '1', description: codeList(tokenSources) },
  cachedTokens: {
    path: '/requests/cached_tokens',
    units: 'tokens',
    description: 'input tokens that the service took from its prefix cache; 4294967295: not known',
  },
} as const satisfies Record<keyof typeof rowColumns, StoredColumn>;

/** Made from what the run knows of its own end, so it is no column of a batch. */
export const heldMark: StoredColumn = {
  path: '/requests/held',
  units: '1',
  description: '1 for a hold request, which only kept the load constant after the measured time; otherwise 0',
};

export const eventOffset: StoredColumn = {
  path: '/events/offset',
  units: '1',
  description: 'first event of each request row; one more entry than there are rows',
};

export const eventGap: StoredColumn = {
  path: '/events/gap_us',
  units: 'us',
  description: 'time since the previous event of the same request; for its first event, since sent_ms',
};

export const eventKind: StoredColumn = {
  path: '/events/kind',
  units: '1',
  description: `1 to 3 are generated output; ${Object.entries(KIND)
    .map(([kind, code]) => `${code} ${kind}`)
    .join(', ')}`,
};

/** Only in files of runs whose service told its counts in every event. */
export const eventTokens: StoredColumn = {
  path: '/events/tokens',
  units: 'tokens',
  description:
    "tokens that the event brought, by the service's own running counts; 0 in every event of a request: not known",
};

export const noteOffset: StoredColumn = {
  path: '/notes/offset',
  units: '1',
  description: 'first byte in /notes/json of each request row; one more entry than there are rows',
};

export const noteJson: StoredColumn = {
  path: '/notes/json',
  units: '1',
  description:
    'UTF-8 bytes of one JSON object per row that has any of cause, errorBody, contentType, contentEncoding, ' +
    'location, retryAfterS, finishReason, responseId, unknownField; ' +
    'generated text is in the .jsonl file beside this one',
};

/** Python that works as it stands with `f` an open h5py.File, `np` numpy and `i` a row. */
export const HOW_TO_READ = `lo, hi = f['events/offset'][i:i + 2]
at_ms = np.cumsum(f['events/gap_us'][lo:hi]) / 1000  # after f['requests/sent_ms'][i]
output_ms = at_ms[f['events/kind'][lo:hi] <= 3]      # events that carried generated output
ttft_ms, itl_ms = output_ms[:1], np.diff(output_ms)
`;

export const DESCRIPTION =
  'Every request attempt of one performance run and every event of its response stream. ' +
  'Rows of /requests are in the order in which they ended. run_info and run_end are JSON.';

function codeList(names: readonly string[]): string {
  return names.map((name, code) => `${code} ${name}`).join(', ');
}
