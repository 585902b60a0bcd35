/** What one wire dialect must know: how to ask, how to read an answer, and the same from the service's side. */

/** A piece of a message, as the OpenAI dialect writes it; media by http, https, file or data URL. */
export type MessagePart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } }
  | { type: 'video_url'; video_url: { url: string } }
  | { type: 'audio_url'; audio_url: { url: string } };

export interface ChatMessage {
  role: string;
  content: string | MessagePart[];
}

/** What follows an answer in a conversation. */
interface FollowUp {
  /** The reference answer that stands in the history instead of the service's own; absent: its own does. */
  answer?: string;
  /** What the user says then. */
  prompt: string;
}

/** One row of a data set, ready to be sent. */
export interface Sample {
  /** Stable within its data set. */
  id: string;
  /** A text, or chat turns. A dialect that takes the other kind converts it. */
  prompt: string | ChatMessage[];
  /** A conversation's further turns; each is a request of its own that holds everything said before. */
  followUps?: FollowUp[] | undefined;
  /** Tokens of the prompt, by the tokenizer in use, where it was written to a length; else they are counted. */
  promptTokens?: number;
  /**
   * The prompt is words between single blanks, and so many of the first ones stand in other rows, too, because the data
   * set was asked for it; any of the words behind them may be exchanged. Absent: a text that means something.
   */
  sharedWords?: number;
  /** The reference answer; never sent. */
  answer?: string;
  /** Most tokens the service may generate for this row; overrides the model's `max_out_len`. */
  maxOutTokens?: number | undefined;
  /** ms after the run's start at which a recorded trace sent it. */
  timestampMs?: number;
  /** The LoRA adapter that shall answer this row; absent: the model itself. */
  adapter?: string | undefined;
}

/** The service under test and how to talk to it. Holds the API key: never log or store it whole. */
export interface Target {
  protocol: string;
  /** Base URL with a trailing slash on its path, e.g. `http://localhost:8080/`. May hold a query. */
  url: string;
  model: string;
  stream: boolean;
  /** Most tokens to generate when the sample does not say. */
  maxOutTokens: number;
  /** Passed through to the request body (`generation_kwargs`). */
  generation: Record<string, unknown>;
  apiKey: string;
  /** `user:password` of the address, sent as Basic in place of the key. Never log or store. */
  credentials?: string | undefined;
  /** PEM text of a certificate authority to trust. */
  ca?: string | undefined;
  /** Accept any certificate. */
  insecure?: boolean;
}

interface HttpCall {
  method: 'POST' | 'GET';
  /** Relative to the base URL, no leading slash. */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Token counts; a count that the service did not say, or that makes no sense, is absent. */
export interface Usage {
  inTokens?: number | undefined;
  outTokens?: number | undefined;
  /** Tokens of the prompt that the service took from its prefix cache; part of `inTokens`. */
  cachedTokens?: number | undefined;
}

/** What one stream event, or one whole non-streaming body, says. Absent fields were not in it. */
export interface Delta {
  text?: string;
  reasoning?: string;
  /** Anything of a tool call: its name or a piece of its arguments. */
  tool?: string;
  role?: string;
  finish?: string | undefined;
  usage?: Usage | undefined;
  /** An error object inside the stream: its message. */
  error?: string;
  /** Text in a field that is not known to hold output, and no other output beside it. */
  stray?: { field: string; text: string };
  /** The dialect's end mark. */
  done?: boolean | undefined;
  /** The response's `id`. */
  id?: string;
}

/** A request as the simulated service understands it, whatever the dialect. */
export interface SimRequest {
  model: string;
  /** All prompt text, for token counting and prefix caching. */
  prompt: string;
  /** Images and the like in the prompt. */
  media?: number;
  stream: boolean;
  maxTokens: number;
  ignoreEos: boolean;
  /** The answer shall tell how many tokens were used. */
  includeUsage: boolean;
  /** Each event shall tell how many tokens were used by then. */
  continuousUsage?: boolean;
  /** The answer has to be a tool call. */
  callsTool?: boolean;
  seed?: number | undefined;
}

/** What `emit` and `respond` need to know of the response they are part of. */
export interface SimResponse {
  id: string;
  model: string;
  createdUnixS: number;
  /** All text of the answer, for a last event that repeats it. */
  text?: string;
}

/** A class name of AISBench that a model task may give as its `type`. */
export interface ModelClass {
  /** An old name that fixes `stream`, whatever the task says; write `use` and `stream` instead. */
  deprecated?: { use: string; stream: boolean };
  /** What a task without `stream` means; false where nothing stands here. */
  defaultStream?: boolean;
}

/** What the end of an address may name, beside the base URL. */
interface AddressEnding {
  /** The end of a path that names an endpoint, or the root of all of them. */
  matches: RegExp;
  /** An endpoint below a root of its own, which the address has to name. */
  own?: RegExp;
}

export interface Protocol {
  /** AISBench's class names for this dialect, the one to write first. */
  classes: Readonly<Record<string, ModelClass>>;
  /** The field for the most tokens to generate, unless a generation option of another such name stands in for it. */
  limitKey: 'max_tokens' | 'max_new_tokens';
  /** The field of the body that holds the generation options; '' when they stand at its top. */
  optionsKey: '' | 'parameters';
  /** A request cannot do without the model's name, so an empty one has to be found out first. */
  namesModel: boolean;
  /** The model's name stands in the path; then a task may give it as `model_name`, as AISBench does. */
  modelInPath: boolean;
  address: AddressEnding;
  /**
   * How a stream ends. `mark`: finish reason, usage and end mark come one after the other, in events of
   * their own. `summary`: the last event says all that, and repeats the whole text. `body`: as `summary`,
   * except that services may leave it out, so that only the end of the HTTP body tells.
   */
  ending: 'mark' | 'summary' | 'body';
  /** Path of the endpoint, streaming or not, relative to the base URL. */
  path(target: Target): string;
  encode(sample: Sample, target: Target): HttpCall;
  /** Reads the payload of one `data:` line. Throws `SyntaxError` when it is not JSON. */
  decode(data: string): Delta;
  /** Reads a whole non-streaming body. Throws `SyntaxError` when it is not JSON. */
  decodeBody(body: string): Delta;
  /** Service side: reads a request body. Throws `SyntaxError` or `TypeError` with a message for a 400. */
  accept(path: string, body: string): SimRequest;
  /** Service side: one `data:` payload for a delta; '' when the dialect has no event that says it. */
  emit(delta: Delta, response: SimResponse): string;
  /** Service side: a whole non-streaming body. */
  respond(delta: Delta, response: SimResponse): string;
}
