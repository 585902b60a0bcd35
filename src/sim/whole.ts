/** An answer in one piece, sent when its last token has been generated. */
import { type Answering, finishReasonOf, type TokenSink } from './answering.ts';
import { multibyteWords, nextWordState, wordAt, words } from './generation.ts';

export function answerWhole(a: Answering): TokenSink {
  const { http, protocol, head, behaviour: b, answer, entry, clock } = a;
  const list = b.multibyte ? multibyteWords : words;
  let wordState = answer.wordState;
  let generated = 0;
  let reasoning = '';
  let text = '';
  let timer: NodeJS.Timeout | undefined;

  function token(): void {
    wordState = nextWordState(wordState);
    if (generated++ < b.reasoningTokens) reasoning += wordAt(wordState, list);
    else text += wordAt(wordState, list);
    if (generated < answer.tokens) return;
    if (b.incident?.what !== 'stall') send();
    else if (b.incident.forMs !== Number.POSITIVE_INFINITY) timer = setTimeout(send, b.incident.forMs);
  }

  function body(): string {
    const output = b.toolCall ? { tool: JSON.stringify({ input: text.trim() }) } : { text };
    const said = { ...output, ...(reasoning !== '' && { reasoning }) };
    return protocol.respond({ ...said, finish: finishReasonOf(a), usage: a.usage ?? undefined }, head);
  }

  function send(): void {
    entry.endMs = clock.now();
    const whole = body();
    const half = whole.slice(0, whole.length / 2);
    const { incident } = b;
    switch (incident?.what) {
      case 'reset':
        a.onEnd('failed');
        http.socket?.resetAndDestroy();
        return;
      case 'error':
        a.onEnd('failed');
        entry.status = 500;
        reply(500, protocol.respond({ error: incident.message }, head));
        return;
      case 'malformed':
        a.onEnd('failed');
        reply(200, half);
        return;
      case 'cut':
        a.onEnd('failed');
        if (incident.clean) reply(200, half);
        else cutOff(half, Buffer.byteLength(whole));
        return;
      default:
        entry.tokensSent = generated;
        entry.finishReason = finishReasonOf(a);
        a.onEnd('ok');
        reply(200, whole);
    }
  }

  function reply(status: number, text: string): void {
    http.writeHead(status, { 'content-type': 'application/json', 'x-request-id': head.id });
    http.end(text);
  }

  /** Announces more than it sends. */
  function cutOff(part: string, length: number): void {
    http.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    http.write(part, () => http.socket?.end());
  }

  return { token, close: () => clearTimeout(timer) };
}
