/**
 * Faults and wire styles that can be injected into chosen requests. Each kind is one entry of a table: what
 * it does, its options with their defaults, and a function from those options to a change of behavior.
 */
import { EXIT, UserError } from '../core/errors.ts';
import { type Random, seededRandom } from '../core/random.ts';
import type { Behavior, Incident } from './behavior.ts';

type OptionValue = number | string | boolean | null;

interface FaultKindEntry {
  about: string;
  /** Every option with its default; null: drawn from the seed, none, or for ever, as `about` says. */
  options: Record<string, OptionValue>;
  change(options: Record<string, OptionValue>, draw: Draw): Partial<Behavior>;
}

/** What a fault may draw on: a seeded source, and how many tokens the response would have. */
interface Draw {
  random: Random;
  outputTokens: number;
}

const num = (value: OptionValue) => Number(value);

/** The token before which something happens; drawn when not given. The last token is included. */
function incident({ atToken }: Record<string, OptionValue>, draw: Draw, what: Incident): Partial<Behavior> {
  const at = atToken === null ? draw.random.int(0, draw.outputTokens - 1) : Math.floor(num(atToken));
  return { incident: { ...what, atToken: Math.min(at, draw.outputTokens - 1) } };
}

export const faultKinds = {
  'http-error': {
    about: 'answers with an HTTP error status and a JSON body; Retry-After when retryAfterS is given',
    options: { status: 503, message: 'The service is overloaded.', retryAfterS: null },
    change: ({ status, message, retryAfterS }) => {
      const headers: Record<string, string> = {};
      if (retryAfterS !== null) headers['retry-after'] = String(retryAfterS);
      const error = { message, type: 'ServiceError', param: null, code: status };
      return { rejection: { status: num(status), body: JSON.stringify({ error }), headers } };
    },
  },
  reset: {
    about: 'resets the connection instead of answering',
    options: {},
    change: () => ({ refusal: { listenAgainAfterMs: 0 } }),
  },
  refuse: {
    about: 'resets the connection and refuses new ones for a while',
    options: { forMs: 500 },
    change: ({ forMs }) => ({ refusal: { listenAgainAfterMs: num(forMs) } }),
  },
  'reset-mid-stream': {
    about: 'resets the connection before an output token (atToken, else drawn)',
    options: { atToken: null },
    change: (o, draw) => incident(o, draw, { what: 'reset' }),
  },
  cut: {
    about: 'ends the response before an output token; clean: as if complete, else by closing the connection',
    options: { atToken: null, clean: true },
    change: (o, draw) => incident(o, draw, { what: 'cut', clean: o.clean === true }),
  },
  stall: {
    about:
      'becomes silent before an output token, for a time or (forMs null) forever; tokens accumulate meanwhile',
    options: { atToken: null, forMs: null },
    change: (o, draw) =>
      incident(o, draw, { what: 'stall', forMs: o.forMs === null ? Number.POSITIVE_INFINITY : num(o.forMs) }),
  },
  'malformed-json': {
    about: 'sends half an event before an output token, then continues',
    options: { atToken: null },
    change: (o, draw) => incident(o, draw, { what: 'malformed' }),
  },
  'error-event': {
    about: 'sends an error object in place of an output token, and ends',
    options: { atToken: null, message: 'The engine stopped on an internal error.' },
    change: (o, draw) => incident(o, draw, { what: 'error', message: String(o.message) }),
  },
  split: {
    about: 'sends every write in two pieces, cut at a random byte',
    options: {},
    change: () => ({ split: true }),
  },
  batch: {
    about: 'holds events back and sends several in one write',
    options: { events: 4 },
    change: ({ events }) => ({ eventsPerWrite: num(events) }),
  },
  'tokens-per-event': {
    about: 'puts several tokens into one event, as speculative decoding does',
    options: { tokens: 3 },
    change: ({ tokens }) => ({ tokensPerEvent: num(tokens) }),
  },
  crlf: { about: 'ends lines with CR LF', options: {}, change: () => ({ lineEnd: '\r\n' }) },
  'no-space': { about: 'puts no space after `data:`', options: {}, change: () => ({ dataPrefix: 'data:' }) },
  heartbeat: {
    about: 'sends comment lines at the start and before every n-th event',
    options: { every: 5 },
    change: ({ every }) => ({ heartbeatEvery: num(every) }),
  },
  'early-role': {
    about: 'sends the role-only event as soon as the request is accepted',
    options: {},
    change: () => ({ roleEvent: 'at-once' }),
  },
  'no-role': { about: 'sends no role-only event', options: {}, change: () => ({ roleEvent: 'never' }) },
  reasoning: {
    about: 'makes the first tokens reasoning',
    options: { tokens: 8 },
    change: ({ tokens }) => ({ reasoningTokens: num(tokens) }),
  },
  'tool-call': { about: 'makes the output a tool call', options: {}, change: () => ({ toolCall: true }) },
  multibyte: {
    about: 'uses words whose letters have several bytes',
    options: {},
    change: () => ({ multibyte: true }),
  },
  'no-usage': { about: 'leaves the usage out', options: {}, change: () => ({ usage: false }) },
  'no-done': { about: 'leaves the end mark out', options: {}, change: () => ({ doneMark: false }) },
} as const satisfies Record<string, FaultKindEntry>;

export type FaultKind = keyof typeof faultKinds;

/** Which requests (by number, or this share of them, drawn from the seed) get which fault. Other keys: its options. */
export interface FaultSpec {
  kind: FaultKind;
  rate?: number;
  indices?: readonly number[];
  [option: string]: OptionValue | readonly number[] | undefined;
}

/** The faults of request number `number`, and the behavior they add up to; later ones win. */
export function faultsOf(
  specs: readonly FaultSpec[],
  number: number,
  seed: number,
  outputTokens: number,
): { kinds: FaultKind[]; change: Partial<Behavior> } {
  const kinds: FaultKind[] = [];
  let change: Partial<Behavior> = {};
  specs.forEach(({ kind, rate = 0, indices = [], ...given }, at) => {
    const random = seededRandom(seed, `fault:${at}:${number}`);
    if (!indices.includes(number) && random.next() >= rate) return;
    const entry: FaultKindEntry = faultKinds[kind];
    const options = { ...entry.options, ...(given as Record<string, OptionValue>) };
    kinds.push(kind);
    change = { ...change, ...entry.change(options, { random, outputTokens }) };
  });
  return { kinds, change };
}

/** Checks fault specifications that come from outside, e.g. parsed JSON. Throws a `UserError`. */
export function checkFaults(value: unknown): FaultSpec[] {
  if (!Array.isArray(value)) throw wrong('faults', value, 'a list of objects with a `kind`');
  value.forEach((spec: unknown, i) => {
    const place = `faults[${i}]`;
    if (typeof spec !== 'object' || spec === null) throw wrong(place, spec, 'an object with a `kind`');
    const { kind, rate, indices, ...options } = spec as Record<string, unknown>;
    if (typeof kind !== 'string' || !Object.hasOwn(faultKinds, kind)) {
      throw wrong(`${place}.kind`, kind, `one of ${Object.keys(faultKinds).join(', ')}`);
    }
    const isShare = rate === undefined || (typeof rate === 'number' && rate >= 0 && rate <= 1);
    if (!isShare) throw wrong(`${place}.rate`, rate, 'a number from 0 to 1');
    const isList = indices === undefined || (Array.isArray(indices) && indices.every(Number.isSafeInteger));
    if (!isList) throw wrong(`${place}.indices`, indices, 'a list of request numbers');
    checkOptions(place, options, faultKinds[kind as FaultKind].options);
  });
  return value as FaultSpec[];
}

function checkOptions(
  place: string,
  given: Record<string, unknown>,
  known: Record<string, OptionValue>,
): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, name)) {
      throw wrong(`${place}.${name}`, value, `only ${Object.keys(known).join(', ') || 'rate and indices'}`);
    }
    const type = known[name] === null ? 'number' : typeof known[name];
    const fits = typeof value === type || (value === null && known[name] === null);
    if (!fits || (type === 'number' && (value as number) < 0)) {
      throw wrong(`${place}.${name}`, value, `a ${type === 'number' ? 'number of at least 0' : type}`);
    }
  }
}

function wrong(place: string, value: unknown, expected: string): UserError {
  return new UserError(EXIT.usage, `${place}: expected ${expected}, got ${JSON.stringify(value)}`);
}
