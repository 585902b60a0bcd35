import { request as httpRequest } from 'node:http';

export interface Reply {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  /** How many reads brought the body. */
  reads: number;
  /** How the response ended: null, or an error's code. */
  error: string | null;
}

/** POSTs on a connection of its own and collects whatever comes back, however it ends. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((done) => {
    const nothing = { status: 0, headers: {}, text: '', reads: 0 };
    const request = httpRequest(url, { method: 'POST', headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      const finish = (error: string | null) =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString('utf8'),
          reads: parts.length,
          error,
        });
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => finish(null));
      response.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'error'));
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      done({ ...nothing, error: error.code ?? error.message }),
    );
    request.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}
