/** A service that dies, or only fails, ends its task early with what was collected. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  addConfig,
  editModel,
  readJson,
  run,
  syntheticStrings,
  type Workspace,
  workspace,
} from './harness.ts';

const REQUESTS = 100_000;
const GOOD = 60;
const DATA = syntheticStrings('short', 100, {
  Input: { Method: 'uniform', Params: { MinValue: 5, MaxValue: 5 } },
  Output: { Method: 'uniform', Params: { MinValue: 2, MaxValue: 2 } },
});
const ANSWER = [{ delta: { content: ' a' } }, { delta: { content: ' b' }, finish_reason: 'stop' }].map(
  (choice) => `data: ${JSON.stringify({ id: 'r', choices: [{ index: 0, ...choice }] })}\n\n`,
);

let server: Server;
let ws: Workspace;
afterEach(() => {
  server.closeAllConnections();
  server.close();
  ws.remove();
});

/** Answers well `GOOD` times, then as `then` does. */
async function serve(then: (answered: number) => number | 'gone'): Promise<number> {
  let answered = 0;
  server = createServer((request, response) => {
    request.resume();
    const isAsked = request.method === 'POST';
    if (isAsked) answered++;
    const status = !isAsked || answered <= GOOD ? 200 : then(answered);
    if (status === 'gone') {
      server.close();
      server.closeAllConnections();
      return;
    }
    response.statusCode = status;
    response.setHeader('content-type', status === 200 ? 'text/event-stream' : 'text/plain');
    setTimeout(() => response.end(status === 200 ? `${ANSWER.join('')}data: [DONE]\n\n` : 'no'), 5);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function send(port: number, flags = '') {
  ws = workspace();
  editModel(ws, 'vllm_api_stream_chat', { host_port: port, batch_size: 10, retry: 0, model: "'m'" });
  addConfig(ws, 'datasets/short.ts', DATA);
  const r = await run(
    `--models vllm_api_stream_chat --datasets short --summarizer default_perf --mode perf --num-warmups 0 --pressure --pressure-time 3600 ${flags}`,
    ws.dir,
  );
  const base = join(ws.lastRun(), 'performances/vllm-api-stream-chat/short');
  const { outcomes } = readJson<{ outcomes: Record<string, number> }>(`${base}_summary.json`);
  const rows = readFileSync(`${base}_details.jsonl`, 'utf8').trimEnd().split('\n').length;
  return { code: r.code, said: r.stdout + r.stderr, outcomes, rows };
}

describe('a task ends early, and says so, when its service', () => {
  it('is gone', async () => {
    const { code, said, outcomes, rows } = await send(await serve(() => 'gone'));
    expect(said).toMatch(/ended early: The service could not be reached \d+ times in a row/);
    expect(code).toBe(1);
    expect(outcomes.ok).toBeGreaterThan(GOOD / 2);
    expect(rows).toBeLessThan(REQUESTS / 100);
    expect(said).toContain('Benchmark Duration');
  });

  it('answers with errors only', async () => {
    const { code, said, outcomes } = await send(await serve(() => 500));
    expect(said).toMatch(/ended early: The service returned only errors for 1\d s/);
    expect([code, outcomes.ok]).toEqual([1, GOOD]);
  });

  it('fails more often than --max-error-rate allows', async () => {
    const { code, said, outcomes } = await send(
      await serve((answered) => (answered % 3 === 0 ? 500 : 200)),
      '--max-error-rate 20',
    );
    expect(said).toMatch(/ended early: \d+ of \d+ attempts failed, which exceeds --max-error-rate 20/);
    expect(code).toBe(1);
    expect(outcomes.ok).toBeGreaterThan(GOOD);
  });
});
