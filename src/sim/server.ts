/** The simulated inference service over HTTP: start it, ask it for the truth, stop it. */
import { createWriteStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, clockSince, monotonicNs } from '../core/clock.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Protocol, Target } from '../core/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import { type SimChoices, withDefaults } from './options.ts';
import { sendError, sendJson } from './replies.ts';
import { createService, type Service } from './service.ts';
import type { SimTruth } from './truth.ts';

export interface RunningSim {
  /** Base URL with a trailing slash. */
  url: string;
  port: number;
  truth(): SimTruth;
  /** Drops all connections, and writes the truth file when one was asked for. */
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** A burst of a few thousand new connections must not overflow the accept queue. */
const BACKLOG = 4096;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Starts the service. Throws a `UserError` when it cannot listen.
 * Routes: the paths of every protocol (POST), `/v1/models`, `/health`, `/metrics`, and for tests in other
 * processes `/truth` (GET) and `/truth/reset` (POST).
 */
export async function startSim(choices: SimChoices = {}): Promise<RunningSim> {
  const options = withDefaults(choices);
  const baseNs = monotonicNs();
  const clock = clockSince(baseNs);
  const service = createService(options, clock, baseNs, refuse);
  const routes = routesOf(service, clock, options.model, options.maxModelLen);
  const findRoute = routeFinder(routes);
  const server = createServer({ keepAliveTimeout: 600_000, requestTimeout: 0, headersTimeout: 0 }, serve);
  let relisten: NodeJS.Timeout | undefined;
  let port = options.port;

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    const methods = findRoute(path);
    const handler = methods?.[request.method ?? ''];
    if (!methods) sendError(response, 404, `There is nothing at ${path}.`);
    else if (!openPaths.has(path) && !authorized(request)) sendError(response, 401, 'Unauthorized');
    else if (handler) handler(request, response);
    else sendError(response, 405, `${request.method} is not allowed here.`);
  }

  function authorized(request: IncomingMessage): boolean {
    return options.apiKey === '' || request.headers.authorization === `Bearer ${options.apiKey}`;
  }

  function refuse(response: ServerResponse, forMs: number): void {
    response.socket?.resetAndDestroy();
    if (forMs === 0 || !server.listening) return;
    // Closing stops listening at once; connections that are busy live on.
    server.close();
    relisten = setTimeout(listenAgain, forMs);
  }

  function listenAgain(): void {
    server.listen(port, options.host, BACKLOG);
  }

  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, options.host, BACKLOG, () => {
      server.off('error', fail);
      done();
    });
  }).catch((cause: Error) => {
    throw new UserError(EXIT.failed, `sim: cannot listen on ${options.host}:${port}: ${cause.message}`, {
      hint: 'choose another port, or 0 for a free one',
      cause,
    });
  });
  port = (server.address() as AddressInfo).port;
  // Only listening again can fail from here on: somebody else may hold the port for a moment.
  server.on('error', () => {
    relisten = setTimeout(listenAgain, 50);
  });

  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}/`,
    port,
    truth: service.truth,
    async stop() {
      clearTimeout(relisten);
      service.stop();
      const closed = new Promise<void>((done) => {
        server.close(() => done());
      });
      server.closeAllConnections();
      await closed;
      if (options.truthFile !== '') {
        await pipeline(Readable.from(service.truthPieces()), createWriteStream(options.truthFile));
      }
    },
  };
}

/** Not for clients of the model: no key is asked for here. */
const openPaths = new Set(['/health', '/metrics', '/truth', '/truth/reset']);

type Routes = Record<string, Record<string, Handler>>;

/** Finds the handlers of a path; a segment `*` of a route stands for any one. */
function routeFinder(routes: Routes): (path: string) => Record<string, Handler> | undefined {
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

/** Handlers by path and method. */
function routesOf(service: Service, clock: Clock, model: string, maxModelLen: number): Routes {
  const startedUnixS = Math.floor(Date.now() / 1000);
  const text =
    (type: string, content: () => string): Handler =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(content());
    };
  const card = { id: model, object: 'model', created: startedUnixS, owned_by: 'ais_bench sim' };
  const models = {
    object: 'list',
    data: [{ ...card, root: model, parent: null, max_model_len: maxModelLen }],
  };
  const routes: Routes = {
    '/health': { GET: text('text/plain', () => '') },
    '/metrics': { GET: text('text/plain; version=0.0.4; charset=utf-8', service.metricsText) },
    '/v1/models': { GET: (_request, response) => sendJson(response, 200, models) },
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
  const work = oneByOne();
  for (const [route, dialects] of protocolRoutes()) {
    routes[`/${route}`] = {
      POST: (request, response) =>
        readBody(request, response, (body) => {
          const arrivalMs = clock.now();
          const path = pathOf(request).slice(1);
          work.push(() => service.take(dialects, path, body.toString('utf8'), response, arrivalMs));
        }),
    };
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

function pathOf(request: IncomingMessage): string {
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
