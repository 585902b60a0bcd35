/** The bytes of a request: one head block for all, bodies that were encoded before the run. */
import type { EncodedBodies, Plan } from '../core/plan.ts';
import { authorizationOf } from '../core/secrets.ts';

/** Up to here head and body are copied together and leave as one write; longer bodies are never copied. */
const MAX_COPY_BYTES = 16_384;
const MAX_CACHED_HEADS = 4096;

/** Gives the pieces to write for request `index`. */
export type RequestBytes = (index: number) => readonly Uint8Array[];

export function createRequests(plan: Plan): RequestBytes {
  const bodyOf = bodyReader(plan.bodies);
  const framed = createFraming(plan);
  return (index) => framed(bodyOf(index));
}

/** Puts the head before a body. */
export function createFraming(plan: Plan): (body: Uint8Array) => readonly Uint8Array[] {
  const prefix = headPrefix(plan);
  const heads = new Map<number, Buffer>();
  const headFor = (length: number): Buffer => {
    let head = heads.get(length);
    if (head === undefined) {
      head = Buffer.from(`${prefix}content-length: ${length}\r\n\r\n`, 'latin1');
      if (heads.size < MAX_CACHED_HEADS) heads.set(length, head);
    }
    return head;
  };
  return (body) => {
    const head = headFor(body.length);
    if (body.length > MAX_COPY_BYTES) return [head, body];
    const whole = Buffer.allocUnsafe(head.length + body.length);
    head.copy(whole);
    whole.set(body, head.length);
    return [whole];
  };
}

/** Request line and headers up to the one that depends on the body. A plan's own headers win. */
export function headPrefix({ target, path, headers }: Pick<Plan, 'target' | 'path' | 'headers'>): string {
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

function bodyReader({ count, bytes, offsets }: EncodedBodies): (index: number) => Uint8Array {
  const starts = new Float64Array(offsets);
  return (index) => {
    const at = index % count;
    return new Uint8Array(bytes, starts[at], starts[at + 1] - starts[at]);
  };
}
