/** Services that close the connections they announce to keep, as llama.cpp's does after every stream. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import {
  addConfig,
  editModel,
  readJson,
  run,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

const REQUESTS = 1000;
const DATA = syntheticStrings('short', REQUESTS, {
  Input: { Method: 'uniform', Params: { MinValue: 5, MaxValue: 5 } },
  Output: { Method: 'uniform', Params: { MinValue: 4, MaxValue: 4 } },
});

let server: Server;
let ws: Workspace;
afterEach(() => {
  server.close();
  ws.remove();
});

const event = (choice: object) =>
  `data: ${JSON.stringify({ id: 'r', choices: [{ index: 0, ...choice }] })}\n\n`;
const EVENTS = [
  event({ delta: { role: 'assistant' } }),
  ...Array.from({ length: 4 }, () => event({ delta: { content: ' word' } })),
  event({ delta: {}, finish_reason: 'stop' }),
  'data: [DONE]\n\n',
].join('');
const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n';
const ANSWER = `${HEAD}${Buffer.byteLength(EVENTS).toString(16)}\r\n${EVENTS}\r\n0\r\n\r\n`;

/** Answers one request on each connection, then closes it in its way. */
async function serve(hangUp: (socket: Socket) => void): Promise<number> {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(ANSWER);
      hangUp(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

it.each<[string, (socket: Socket) => void]>([
  ['at once', (socket) => socket.end()],
  ['0 to 5 ms later', (socket) => setTimeout(() => socket.end(), Math.random() * 5)],
])('a service that closes after every stream, %s, fails no request', async (_, hangUp) => {
  const port = await serve(hangUp);
  ws = workspace();
  editModel(ws, 'vllm_api_stream_chat', { host_port: port, batch_size: 32, retry: 0, model: "'m'" });
  addConfig(ws, 'datasets/short.ts', DATA);
  const r = await run(
    '--models vllm_api_stream_chat --datasets short --summarizer default_perf --mode perf --num-warmups 0',
    ws.dir,
  );
  expect(r.code, r.stdout + r.stderr).toBe(0);
  const base = join(ws.lastRun(), 'performances/vllm-api-stream-chat/short');
  const { outcomes } = readJson<{ outcomes: Record<string, number> }>(`${base}_summary.json`);
  expect(outcomes).toMatchObject({ ok: REQUESTS });
  expect(readFileSync(`${base}_details.jsonl`, 'utf8').trimEnd().split('\n')).toHaveLength(REQUESTS);
});
