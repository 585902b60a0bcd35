/** Plug-in: OpenAI's chat completions (`v1/chat/completions`), as vLLM, SGLang, llama.cpp and others serve it. */
import type { ChatMessage, Delta, Protocol, Sample } from '../core/protocol.ts';
import { readMessage } from './chat-output.ts';
import {
  generationOptions,
  isEndMark,
  isObject,
  type JsonObject,
  readMaxTokens,
  requestHeaders,
  textOf,
} from './json-body.ts';
import { openaiEnding, readAnswer, readRequest, writeBody, writeEvent } from './openai-envelope.ts';
import { limitField, withoutDropped } from './shaped-body.ts';

const PATH = 'v1/chat/completions';
const LIMIT_KEY = 'max_tokens';

/** Data sets may name roles as prompt templates do. */
const wireRoles: Record<string, string> = {
  HUMAN: 'user',
  BOT: 'assistant',
  SYSTEM: 'system',
  TOOL: 'tool',
};

export const openaiChat: Protocol = {
  classes: {
    VLLMCustomAPIChat: {},
    VLLMCustomAPIChatStream: { deprecated: { use: 'VLLMCustomAPIChat', stream: true } },
    VllmMultiturnAPIChatStream: { deprecated: { use: 'VLLMCustomAPIChat', stream: true } },
    VLLMFunctionCallAPIChat: { deprecated: { use: 'VLLMCustomAPIChat', stream: false } },
  },
  limitKey: LIMIT_KEY,
  optionsKey: '',
  namesModel: true,
  modelInPath: false,
  address: { matches: openaiEnding, own: /(^|\/)(chat\/completions)$/i },
  ending: 'mark',
  path: () => PATH,

  encode(sample, target) {
    const body = {
      ...withoutDropped({ stream: target.stream }, target),
      messages: messagesOf(sample),
      ...(target.stream && withoutDropped({ stream_options: { include_usage: true } }, target)),
      ...generationOptions(target),
      ...limitField(sample, target, LIMIT_KEY),
      ...withoutDropped({ model: sample.adapter ?? target.model }, target),
    };
    return { method: 'POST', path: PATH, headers: requestHeaders(target), body: JSON.stringify(body) };
  },

  decode: (data) => (isEndMark(data) ? { done: true } : readAnswer(data, readChoice)),

  decodeBody: (body) => readAnswer(body, readChoice),

  accept(_path, body) {
    const { request, ...common } = readRequest(body);
    const { messages } = request;
    if (!Array.isArray(messages) || messages.length === 0)
      throw new TypeError('messages must be a non-empty list');
    const prompt = messages.map(contentOf).join('\n');
    const media = messages.reduce((sum: number, message) => sum + mediaIn(message), 0);
    return {
      ...common,
      prompt,
      ...(media > 0 && { media }),
      // Without a limit a chat answer may fill the model's context; the service caps it.
      maxTokens: readMaxTokens(request, ['max_completion_tokens', 'max_tokens'], Number.POSITIVE_INFINITY),
      ...(mustCallTool(request.tool_choice) && { callsTool: true }),
    };
  },

  emit(delta, response) {
    const onlyUsage = delta.usage !== undefined && delta.finish === undefined && !hasMessage(delta);
    const calls = delta.tool !== undefined && { tool_calls: [streamedCall(delta)] };
    const choice = onlyUsage ? null : { delta: { ...messageOf(delta), ...calls } };
    return writeEvent('chat.completion.chunk', choice, delta, response);
  },

  respond(delta, response) {
    const calls = delta.tool !== undefined && { tool_calls: [wholeCall(delta)] };
    const message = { role: 'assistant', content: null, ...messageOf(delta), ...calls };
    return writeBody('chat.completion', { message }, delta, response);
  },
};

function messagesOf(sample: Sample): ChatMessage[] {
  if (typeof sample.prompt === 'string') return [{ role: 'user', content: sample.prompt }];
  return sample.prompt.map((turn) => ({ ...turn, role: wireRoles[turn.role] ?? turn.role }));
}

/** `tool_choice` is `required`, or names the function. */
function mustCallTool(choice: unknown): boolean {
  return choice === 'required' || isObject(choice);
}

function contentOf(message: unknown): string {
  if (!isObject(message) || typeof message.role !== 'string')
    throw new TypeError('each message must be an object with a role');
  return textOf(message.content);
}

/** Throws `TypeError` for a part that no service of this dialect knows, or that has no address. */
function mediaIn({ content }: JsonObject): number {
  if (!Array.isArray(content)) return 0;
  const media = content.filter((part) => !isObject(part) || part.type !== 'text');
  for (const part of media) {
    const kind = isObject(part) && typeof part.type === 'string' ? part.type : '';
    const source = isObject(part) && /^(image|video|audio)_url$/.test(kind) ? part[kind] : undefined;
    if (!isObject(source) || typeof source.url !== 'string' || !/^(https?|data|file):/.test(source.url))
      throw new TypeError('each part must be a string, or an image_url, video_url or audio_url with a url');
  }
  return media.length;
}

/** A stream's choice holds `delta`, a whole answer's `message`; their fields are the same. */
function readChoice(choice: JsonObject, into: Delta, place: string): void {
  const key = isObject(choice.delta) ? 'delta' : 'message';
  const part = choice[key];
  if (isObject(part)) readMessage(part, `${place}.${key}`, into);
}

function hasMessage(delta: Delta): boolean {
  return [delta.role, delta.text, delta.reasoning, delta.tool].some((field) => field !== undefined);
}

/** Absent fields stay absent, except that a role alone comes with an empty text, as services send it. */
function messageOf({ role, text, reasoning, tool }: Delta): JsonObject {
  const roleAlone = role !== undefined && reasoning === undefined && tool === undefined;
  const content = text ?? (roleAlone ? '' : undefined);
  return {
    ...(role !== undefined && { role }),
    ...(content !== undefined && { content }),
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
  };
}

const simulatedCall = { id: 'call_sim_0', type: 'function' };

/** A tool delta with a role opens the call and is its name; one without is a piece of the arguments. */
function streamedCall({ role, tool }: Delta): JsonObject {
  return role === undefined
    ? { index: 0, function: { arguments: tool } }
    : { index: 0, ...simulatedCall, function: { name: tool, arguments: '' } };
}

function wholeCall({ tool }: Delta): JsonObject {
  return { ...simulatedCall, function: { name: 'simulated_tool', arguments: tool } };
}
