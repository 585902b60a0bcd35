/** Listens on a port, and refuses connections for a while when asked. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXIT, UserError } from '../core/errors.ts';

/** A burst of a few thousand new connections must not overflow the accept queue. */
const BACKLOG = 4096;
/** Somebody else may hold the port for a moment. */
const RETRY_MS = 50;

export interface Listening {
  port: number;
  /** Stops listening, and starts again after a time. Connections that are busy live on. */
  pause(forMs: number): void;
  /** Drops all connections. */
  close(): Promise<void>;
}

/** Throws a `UserError` when it cannot listen. `port` 0 takes a free port. */
export async function listen(server: Server, host: string, port: number): Promise<Listening> {
  await firstListen(server, host, port);
  const ownPort = (server.address() as AddressInfo).port;
  let timer: NodeJS.Timeout | undefined;
  const listenIn = (ms: number) => {
    timer = setTimeout(() => server.listen(ownPort, host, BACKLOG), ms);
  };
  // Only listening again can fail from here on.
  server.on('error', () => listenIn(RETRY_MS));
  return {
    port: ownPort,
    pause(forMs) {
      if (!server.listening) return;
      server.close();
      listenIn(forMs);
    },
    async close() {
      clearTimeout(timer);
      const closed = new Promise<void>((done) => {
        server.close(() => done());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

function firstListen(server: Server, host: string, port: number): Promise<void> {
  return new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, BACKLOG, () => {
      server.off('error', fail);
      done();
    });
  }).catch((cause: Error) => {
    throw new UserError(EXIT.failed, `sim: cannot listen on ${host}:${port}: ${cause.message}`, {
      hint: 'Choose another port, or 0 for a free one.',
      cause,
    });
  });
}
