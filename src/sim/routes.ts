/** The paths of the simulated service and what answers at each. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Protocol, Target } from '../core/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import type { SimOptions } from './options.ts';
import { sendError, sendJson } from './replies.ts';
import type { Service } from './service.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Handlers by path and method. */
export type Routes = Record<string, Record<string, Handler>>;

/** Makes a function that finds the handlers of a path; a segment `*` of a route stands for any one. */
export function createRouteFinder(routes: Routes): (path: string) => Record<string, Handler> | undefined {
  const wild = Object.keys(routes)
    .filter((route) => route.includes('*'))
    .map((route) => ({ segments: route.split('/'), methods: routes[route] }));
  return (path) => {
    if (Object.hasOwn(routes, path)) return routes[path];
    const given = path.split('/');
    const fits = (segments: string[]) =>
      segments.length === given.length && segments.every((s, i) => s === '*' || s === given[i]);
    return wild.find(({ segments }) => fits(segments))?.methods;
  };
}

/** The service as clients of the model see it, and its own record for tests. */
export function createRoutes(service: Service, clock: Clock, options: SimOptions): Routes {
  return { ...serviceRoutes(service, options), ...truthRoutes(service), ...inferenceRoutes(service, clock) };
}

function serviceRoutes(service: Service, { model, maxModelLen }: SimOptions): Routes {
  const created = Math.floor(Date.now() / 1000);
  const card = { id: model, object: 'model', created, owned_by: 'ais_bench sim' };
  const models = {
    object: 'list',
    data: [{ ...card, root: model, parent: null, max_model_len: maxModelLen }],
  };
  return {
    '/health': { GET: sendText('text/plain', () => '') },
    '/metrics': { GET: sendText('text/plain; version=0.0.4; charset=utf-8', service.metricsText) },
    '/v1/models': { GET: (_request, response) => sendJson(response, 200, models) },
  };
}

function sendText(type: string, content: () => string): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    response.end(content());
  };
}

function truthRoutes(service: Service): Routes {
  return {
    '/truth': {
      GET: (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        Readable.from(service.truthPieces()).pipe(response);
      },
    },
    '/truth/reset': {
      POST: (_request, response) => {
        service.forgetTruth();
        response.writeHead(204);
        response.end();
      },
    },
  };
}

function inferenceRoutes(service: Service, clock: Clock): Routes {
  const routes: Routes = {};
  const work = oneByOne();
  for (const [route, protocols] of protocolRoutes()) {
    const receive: Handler = (request, http) =>
      readBody(request, http, (bytes) => {
        const arrivalMs = clock.now();
        const path = pathOf(request).slice(1);
        work.push(() => service.take({ protocols, path, body: bytes.toString('utf8'), http, arrivalMs }));
      });
    routes[`/${route}`] = { POST: receive };
  }
  return routes;
}

/**
 * Work on requests, one piece in each turn of the event loop: those that arrive meanwhile get their arrival
 * stamp within one piece of work (some 0.1 ms), not behind a whole burst.
 */
function oneByOne(): { push(piece: () => void): void } {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return {
    push(piece) {
      waiting.push(piece);
      if (waiting.length === 1) setImmediate(next);
    },
  };
}

/**
 * The paths a client of any dialect may ask, with the dialects that share it. Some have one for streams and
 * one for whole answers, some name the model in it.
 */
function protocolRoutes(): Map<string, Protocol[]> {
  const target: Omit<Target, 'stream'> = {
    protocol: '',
    url: '',
    model: '*',
    maxOutTokens: 1,
    generation: {},
    apiKey: '',
  };
  const routes = new Map<string, Protocol[]>();
  for (const protocol of Object.values<Protocol>(protocols)) {
    const own = new Set([true, false].map((stream) => protocol.path({ ...target, stream })));
    for (const route of own) routes.set(route, [...(routes.get(route) ?? []), protocol]);
  }
  return routes;
}

/** The path of a request without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function readBody(request: IncomingMessage, response: ServerResponse, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes <= MAX_BODY_BYTES) done(Buffer.concat(chunks));
    else sendError(response, 413, `The body has more than ${MAX_BODY_BYTES} bytes.`);
  });
}
