/** The simulated inference service over HTTP: start it, ask it for the truth, stop it. */
import { createWriteStream } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clockSince, monotonicNs } from '../core/clock.ts';
import { type Listening, listen } from './listening.ts';
import { type SimChoices, withDefaults } from './options.ts';
import { sendError } from './replies.ts';
import { createRouteFinder, createRoutes, pathOf, type Routes } from './routes.ts';
import { createService } from './service.ts';
import type { SimTruth } from './truth.ts';

export interface RunningSim {
  /** Base URL with a trailing slash. */
  url: string;
  port: number;
  truth(): SimTruth;
  /** Drops all connections, and writes the truth file when one was asked for. */
  stop(): Promise<void>;
}

/** These are not for clients of the model: no key is asked for here. */
const openPaths = new Set(['/health', '/metrics', '/truth', '/truth/reset']);

/**
 * Starts the service. Throws a `UserError` when it cannot listen.
 * Routes: the paths of every protocol (POST), `/v1/models`, `/health`, `/metrics`, and for tests in other
 * processes `/truth` (GET) and `/truth/reset` (POST).
 */
export async function startSim(choices: SimChoices = {}): Promise<RunningSim> {
  const options = withDefaults(choices);
  const baseNs = monotonicNs();
  const clock = clockSince(baseNs);
  const service = createService({ options, clock, baseNs, refuse });
  const serve = createRequestListener(createRoutes(service, clock, options), options.apiKey);
  const server = createServer({ keepAliveTimeout: 600_000, requestTimeout: 0, headersTimeout: 0 }, serve);
  const listening: Listening = await listen(server, options.host, options.port);

  function refuse(response: ServerResponse, forMs: number): void {
    response.socket?.resetAndDestroy();
    if (forMs > 0) listening.pause(forMs);
  }

  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${listening.port}/`,
    port: listening.port,
    truth: service.truth,
    async stop() {
      service.stop();
      await listening.close();
      if (options.truthFile !== '') {
        await pipeline(Readable.from(service.truthPieces()), createWriteStream(options.truthFile));
      }
    },
  };
}

function createRequestListener(routes: Routes, apiKey: string): RequestListener {
  const findRoute = createRouteFinder(routes);
  const isAuthorized = (request: IncomingMessage) =>
    apiKey === '' || request.headers.authorization === `Bearer ${apiKey}`;
  return (request, response) => {
    const path = pathOf(request);
    const methods = findRoute(path);
    const handler = methods?.[request.method ?? ''];
    if (!methods) sendError(response, 404, `There is nothing at ${path}.`);
    else if (!openPaths.has(path) && !isAuthorized(request)) sendError(response, 401, 'Unauthorized');
    else if (handler) handler(request, response);
    else sendError(response, 405, `${request.method} is not allowed here.`);
  };
}
