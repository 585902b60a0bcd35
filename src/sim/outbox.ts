/** The way of one response's bytes to its socket: in order, timed, and kept back or cut in two when asked. */
import type { ServerResponse } from 'node:http';
import type { Random } from '../core/random.ts';

export interface Outbox {
  /** Writes text that completes `tokens` output tokens with its end. */
  send(text: string, tokens: number): void;
  /** Writes the last text and ends the response. */
  end(text: string): void;
  /** Keeps everything back for a time (Infinity: for good). */
  pause(forMs: number): void;
  /** Drops what was kept back. */
  close(): void;
}

interface Item {
  text: string;
  tokens: number;
  last: boolean;
}

/**
 * `onWrite` is called immediately before the socket gets the bytes that complete tokens, and before the
 * last bytes of all (`last`). With `split` each text goes out in two pieces, cut at a random byte, in two
 * turns of the event loop.
 */
export function createOutbox(
  response: ServerResponse,
  onWrite: (tokens: number, last: boolean) => void,
  split: Random | null,
): Outbox {
  const waiting: Item[] = [];
  let isPaused = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  function put(item: Item): void {
    if (isPaused) waiting.push(item);
    else if (split && item.text.length > 1) putInTwo(item, split);
    else finish(item, item.text);
  }

  function finish({ tokens, last }: Item, rest: string | Buffer): void {
    if (tokens > 0 || last) onWrite(tokens, last);
    if (last) response.end(rest);
    else if (typeof rest === 'string') writeChunk(response, rest);
    else response.write(rest);
  }

  function putInTwo(item: Item, random: Random): void {
    const bytes = Buffer.from(item.text);
    const cut = random.int(1, bytes.length - 1);
    response.write(bytes.subarray(0, cut));
    isPaused = true;
    setImmediate(() => {
      if (isClosed) return;
      finish(item, bytes.subarray(cut));
      release();
    });
  }

  function release(): void {
    isPaused = false;
    while (!isPaused && waiting.length > 0) put(waiting.shift() as Item);
  }

  return {
    send: (text, tokens) => put({ text, tokens, last: false }),
    end: (text) => put({ text, tokens: 0, last: true }),
    pause(forMs) {
      isPaused = true;
      if (forMs !== Number.POSITIVE_INFINITY) timer = setTimeout(release, forMs);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      waiting.length = 0;
      isPaused = true;
    },
  };
}

/**
 * Does what `response.write` does for a chunked response whose headers are out, with one string and one
 * system call instead of four strings and their bookkeeping. An empty chunk would end the body.
 */
function writeChunk(response: ServerResponse, text: string): void {
  const { socket } = response;
  if (text === '') return;
  if (socket === null || !response.chunkedEncoding) {
    response.write(text);
    return;
  }
  const bytes = Buffer.byteLength(text);
  const chunk = `${bytes.toString(16)}\r\n${text}\r\n`;
  socket.write(chunk, bytes === text.length ? 'latin1' : 'utf8');
}
