/** An answer in one piece, sent when its last token has been generated. */
import type { ServerResponse } from 'node:http';
import { type Answering, finishReasonOf, type TokenSink } from './answering.ts';
import type { Incident } from './behavior.ts';
import { multibyteWords, nextWordState, wordAt, words } from './generation.ts';

/** What was generated. */
interface Output {
  tokens: number;
  text: string;
  reasoning: string;
}

export function answerWhole(answering: Answering): TokenSink {
  const { behavior, answer } = answering;
  const list = behavior.multibyte ? multibyteWords : words;
  const output: Output = { tokens: 0, text: '', reasoning: '' };
  let wordState = answer.wordState;
  let timer: NodeJS.Timeout | undefined;

  function token(): void {
    wordState = nextWordState(wordState);
    if (output.tokens++ < behavior.reasoningTokens) output.reasoning += wordAt(wordState, list);
    else output.text += wordAt(wordState, list);
    if (output.tokens === answer.tokens) finish();
  }

  function finish(): void {
    const { incident } = behavior;
    if (incident?.what !== 'stall') send(answering, output);
    else if (incident.forMs !== Number.POSITIVE_INFINITY) {
      timer = setTimeout(() => send(answering, output), incident.forMs);
    }
  }

  return { token, close: () => clearTimeout(timer) };
}

function send(answering: Answering, output: Output): void {
  const { http, head, entry, behavior } = answering;
  const { incident } = behavior;
  entry.endMs = answering.clock.now();
  if (incident !== null && incident.what !== 'stall') {
    answering.onEnd('failed');
    fail(answering, incident, makeBody(answering, output));
    return;
  }
  entry.tokensSent = output.tokens;
  entry.finishReason = finishReasonOf(answering);
  answering.onEnd('ok');
  reply(http, 200, makeBody(answering, output), head.id);
}

function fail({ http, head, entry, protocol }: Answering, incident: Incident, whole: string): void {
  const half = whole.slice(0, whole.length / 2);
  switch (incident.what) {
    case 'reset':
      http.socket?.resetAndDestroy();
      return;
    case 'error':
      entry.status = 500;
      reply(http, 500, protocol.respond({ error: incident.message }, head), head.id);
      return;
    case 'malformed':
      reply(http, 200, half, head.id);
      return;
    case 'cut':
      if (incident.clean) reply(http, 200, half, head.id);
      else cutOff(http, half, Buffer.byteLength(whole));
  }
}

function makeBody(answering: Answering, { text, reasoning }: Output): string {
  const { protocol, head, behavior, usage } = answering;
  const output = behavior.toolCall ? { tool: JSON.stringify({ input: text.trim() }) } : { text };
  const said = { ...output, ...(reasoning !== '' && { reasoning }) };
  return protocol.respond({ ...said, finish: finishReasonOf(answering), usage: usage ?? undefined }, head);
}

function reply(http: ServerResponse, status: number, body: string, id: string): void {
  http.writeHead(status, { 'content-type': 'application/json', 'x-request-id': id });
  http.end(body);
}

/** Announces more than it sends. */
function cutOff(http: ServerResponse, part: string, length: number): void {
  http.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  http.write(part, () => http.socket?.end());
}
