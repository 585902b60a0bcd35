// A service with a backlog over TLS or, for comparison, without it: the same events either way, 16 a write.
//   tls-server CA_FILE [--plain]     writes its certificate, prints {"port":N} when it listens, {} on SIGTERM
import { writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { testCertificate, testKey } from '../../src/load/wire/tls.fixture.ts';

const EVENTS_PER_WRITE = 16;

/** @param {string | null} finish */
function eventOf(delta, finish = null) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  const event = {
    id: 'chatcmpl-0123456789abcdef',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'bench',
    choices,
  };
  return `data: ${JSON.stringify(event)}\n\n`;
}

const token = Buffer.from(eventOf({ content: ' 1234567890123456789' }));
const tokens = Buffer.concat(Array.from({ length: EVENTS_PER_WRITE }, () => token));
const last = `${eventOf({}, 'length')}data: [DONE]\n\n`;

function answer(request, response) {
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    let left = JSON.parse(body).max_tokens;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = () => {
      while (left > 0) {
        const count = Math.min(left, EVENTS_PER_WRITE);
        left -= count;
        if (!response.write(tokens.subarray(0, count * token.length)) && left > 0) {
          response.once('drain', more);
          return;
        }
      }
      response.end(last);
    };
    more();
  });
}

writeFileSync(process.argv[2], testCertificate);
const server = process.argv.includes('--plain')
  ? createPlainServer(answer)
  : createTlsServer({ key: testKey, cert: testCertificate }, answer);
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(
    `${JSON.stringify({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port })}\n`,
  ),
);
process.on('SIGTERM', () => {
  process.stdout.write('{}\n', () => process.exit(0));
});
