/** The bytes of a request: one head block for all, bodies that were encoded before the run, a salt for each. */
import type { EncodedBodies, Plan } from '../../../core/plan.ts';
import { createSaltWriter, type SaltedRequest, saltBytes } from '../../../core/prompts/salt.ts';
import { authorizationOf } from '../../../core/text/secrets.ts';

/** Up to this length head and body are copied together and leave in one write. Longer bodies are never copied. */
const MAX_COPY_BYTES = 16_384;
const MAX_CACHED_HEADS = 4096;

/** Gives the pieces to write for a request: the same ones whenever it is asked for the same attempt. */
export type RequestBytes = (request: SaltedRequest) => readonly Uint8Array[];

/** Puts the head before a body. */
type Framing = (body: Uint8Array) => readonly Uint8Array[];
/** Replaces `length` bytes of a body from `at` on. */
interface Patch {
  at: number;
  length: number;
  write(into: Uint8Array, at: number): void;
}

export function createRequests(plan: Plan): RequestBytes {
  const measured = bodyReader(plan, plan.bodies);
  const unmeasured = plan.unmeasured ? bodyReader(plan, plan.unmeasured) : measured;
  const head = createHeads(plan);
  return (request) => {
    const { body, patch } = (request.measured ? measured : unmeasured)(request);
    return patch === null ? framed(head(body.length), body) : patched(head(body.length), body, patch);
  };
}

export function createFraming(plan: Plan): Framing {
  const head = createHeads(plan);
  return (body) => framed(head(body.length), body);
}

function createHeads(plan: Plan): (length: number) => Buffer {
  const prefix = headPrefix(plan);
  const heads = new Map<number, Buffer>();
  return (length) => {
    let head = heads.get(length);
    if (head === undefined) {
      head = Buffer.from(`${prefix}content-length: ${length}\r\n\r\n`, 'latin1');
      if (heads.size < MAX_CACHED_HEADS) heads.set(length, head);
    }
    return head;
  };
}

function framed(head: Buffer, body: Uint8Array): readonly Uint8Array[] {
  return body.length > MAX_COPY_BYTES ? [head, body] : [joined(head, body)];
}

/** The encoded bodies are shared by all workers and all passes, so the salt goes into a copy of what it stands in. */
function patched(head: Buffer, body: Uint8Array, { at, length, write }: Patch): readonly Uint8Array[] {
  if (body.length <= MAX_COPY_BYTES) {
    const whole = joined(head, body);
    write(whole, head.length + at);
    return [whole];
  }
  const salt = Buffer.allocUnsafe(length);
  write(salt, 0);
  return [head, body.subarray(0, at), salt, body.subarray(at + length)];
}

function joined(head: Buffer, body: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(head.length + body.length);
  head.copy(whole);
  whole.set(body, head.length);
  return whole;
}

/** Request line and headers up to the one that depends on the body. A plan's own headers win. */
function headPrefix({ target, path, headers }: Pick<Plan, 'target' | 'path' | 'headers'>): string {
  const url = new URL(target.url);
  const all = new Map<string, string>([
    ['host', url.host],
    ['content-type', 'application/json'],
    ['accept', target.stream ? 'text/event-stream' : 'application/json'],
    ['connection', 'keep-alive'],
  ]);
  const authorization = authorizationOf(target);
  if (authorization !== '') all.set('authorization', authorization);
  for (const [name, value] of Object.entries(headers)) all.set(name.toLowerCase(), value);
  const lines = [...all].map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`);
  return `POST ${url.pathname}${path}${url.search} HTTP/1.1\r\n${lines.join('')}`;
}

type ReadBody = (request: SaltedRequest) => { body: Uint8Array; patch: Patch | null };

function bodyReader({ salt }: Pick<Plan, 'salt'>, { count, bytes, offsets, salts }: EncodedBodies): ReadBody {
  const starts = new Float64Array(offsets);
  const read = (at: number) => new Uint8Array(bytes, starts[at], starts[at + 1] - starts[at]);
  if (salts === undefined || salt === undefined) {
    return ({ index }) => ({ body: read(index % count), patch: null });
  }
  const places = new Float64Array(salts.at);
  const words = new Uint8Array(salts.words);
  const writeSalt = createSaltWriter(salt);
  return (request) => {
    const row = request.index % count;
    const body = read(row);
    if (words[row] === 0) return { body, patch: null };
    const write: Patch['write'] = (into, at) => writeSalt(into, at, words[row], request);
    return { body, patch: { at: places[row], length: saltBytes(words[row]), write } };
  };
}

/** The framed requests of a list of bodies, in their order. */
export function* framedBodies(plan: Plan, { count, bytes, offsets }: EncodedBodies) {
  const frame = createFraming(plan);
  const starts = new Float64Array(offsets);
  for (let at = 0; at < count; at++) {
    yield frame(new Uint8Array(bytes, starts[at], starts[at + 1] - starts[at]));
  }
}
