// The least a client on Node can do: stamp each read, count the tokens in it, send the next request. What it
// sees of a machine's noise, no client on Node can avoid. Arguments: port, streams, seconds, max_tokens.
// Prints {id: {sentToFirst, tokens}} in ms, the tokens counted from the request's sending.
import { connect } from 'node:net';

const [port, streams, seconds, maxTokens] = process.argv.slice(2).map(Number);
const buffer = Buffer.alloc(65_536);
const found = {};
const started = performance.now();

const body = (tokens) =>
  JSON.stringify({
    model: 'sim-model',
    stream: true,
    max_tokens: tokens,
    ignore_eos: true,
    messages: [{ role: 'user', content: 'one two three four five six seven eight nine ten '.repeat(20) }],
  });

function stream(number) {
  let tokens = [];
  let id = '';
  let sent = 0;
  const send = () => {
    const text = body(2 + ((number * 37 + Object.keys(found).length * 13) % maxTokens));
    tokens = [];
    id = '';
    sent = performance.now();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  };
  const callback = (length) => {
    const now = performance.now();
    const text = buffer.latin1Slice(0, length);
    id ||= /"id":"([^"]+)"/.exec(text)?.[1] ?? '';
    for (const _ of text.matchAll(/"content":"[^"]/g)) tokens.push(now - sent);
    if (!text.endsWith('0\r\n\r\n')) return true;
    found[id] = tokens;
    if (now - started < seconds * 1000) send();
    else socket.end();
    return true;
  };
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } }, send);
  return new Promise((done) => socket.once('close', done));
}

// Not all at once: the service would read a burst one by one.
const all = [];
for (let i = 0; i < streams; i++) {
  all.push(stream(i));
  await new Promise((next) => setTimeout(next, 10));
}
await Promise.all(all);
process.stdout.write(JSON.stringify(found));
