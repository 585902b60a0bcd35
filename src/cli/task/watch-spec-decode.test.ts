import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Target } from '../../core/protocol.ts';
import { testCertificate, testKey } from '../../load/wire/tls.fixture.ts';
import { watchSpecDecode } from './watch-spec-decode.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

const target = (url: string): Target => ({
  protocol: 'openai_chat',
  url,
  model: 'm',
  stream: true,
  maxOutTokens: 1,
  generation: {},
  apiKey: 'a-secret',
});

/** A service that has drafted ten times more at every look; `asked` collects how it was asked. */
async function start(secure: boolean, asked: string[]): Promise<string> {
  let drafts = 0;
  const answer: RequestListener = (request, response) => {
    drafts += 10;
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.end(
      [
        `vllm:spec_decode_num_drafts_total ${drafts}`,
        `vllm:spec_decode_num_draft_tokens_total ${drafts * 2}`,
        `vllm:spec_decode_num_accepted_tokens_total ${drafts}`,
      ].join('\n'),
    );
  };
  const listening = secure
    ? createTlsServer({ key: testKey, cert: testCertificate }, answer)
    : createServer(answer);
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  return `${secure ? 'https' : 'http'}://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

describe('watchSpecDecode', () => {
  it('tasks side by side on one service share one pair of readings, later ones add theirs', async () => {
    const asked: string[] = [];
    const url = `${await start(false, asked)}/`;
    const watch = watchSpecDecode();
    const [first, second] = await Promise.all([watch.open(target(url)), watch.open(target(url))]);
    await first();
    expect(asked).toHaveLength(1);
    await second();
    expect(asked).toHaveLength(2);
    const third = await watch.open(target(url));
    await third();
    const [reading, ...more] = watch.readings();
    expect(more).toEqual([]);
    expect(reading.figures).toMatchObject({ drafts: 20, draftTokens: 40, acceptanceRate: 0.5 });
    expect(reading.parts).toHaveLength(2);
  });

  it('asks under the real address, with TLS, key and query, and shows no secret of it', async () => {
    const asked: string[] = [];
    const url = `${await start(true, asked)}/gate/?token=t0p-secret`;
    const watch = watchSpecDecode();
    await (await watch.open({ ...target(url), insecure: true }))();
    expect(asked).toEqual(Array.from({ length: 2 }, () => '/gate/metrics?token=t0p-secret Bearer a-secret'));
    const [reading] = watch.readings();
    expect(reading.problem).toBeNull();
    expect(reading.service).toBe(`${new URL(url).host}/gate`);
    expect(JSON.stringify(reading)).not.toMatch(/secret/);
  });

  it('reports what went wrong instead of failing', async () => {
    const url = `${await start(true, [])}/`;
    const watch = watchSpecDecode();
    await (await watch.open(target(url)))();
    expect(watch.readings()[0]).toMatchObject({
      figures: null,
      problem: expect.stringMatching(/self.signed/),
    });
  });
});
