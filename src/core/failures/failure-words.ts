/** Why something that was asked of a service failed: in one line, in the service's own words, and what to do about it. */

import type { Note } from '../records.ts';
import { visible } from '../text/outside-text.ts';
import { type HintContext, hintFor } from './failure-hints.ts';
import { isPage, serviceMessage } from './service-message.ts';
import { statusWords } from './status-words.ts';

/** What is known of a failure. All texts may come from the service. */
export interface FailureFacts
  extends Pick<Note, 'contentType' | 'contentEncoding' | 'location' | 'retryAfterS'> {
  /** One of `outcomes` but `ok`. */
  outcome: string;
  /** HTTP status, 0 when there was none. */
  status: number;
  /** In one line, as recorded. */
  cause: string;
  /** The beginning of what the service answered. */
  body?: string | undefined;
}

/** Fit to be shown. */
export interface FailureWords {
  /** The kind of failure: status and meaning, and what headers tell. */
  summary: string;
  /** The service's own words; '' when it had none. */
  message: string;
  /** What to do about it. */
  hint: string;
}

/** So much of a service's message is shown. */
const MESSAGE_CHARS = 200;
/** So much of an answer is looked at. */
const BODY_CHARS = 2048;
/** The shown part of an address or a header. */
const HEADER_CHARS = 120;

export function failureWords(facts: FailureFacts, context: HintContext = {}): FailureWords {
  const message = messageOf(facts);
  return {
    summary: summaryOf(facts, message),
    message: visible(message, MESSAGE_CHARS),
    hint: hintFor(facts, message, context),
  };
}

/** Summary and message on one line. */
export function failureLine({ summary, message }: FailureWords): string {
  return message === '' ? summary : `${summary}: ${message}`;
}

function messageOf({ body = '', contentEncoding, cause }: FailureFacts): string {
  if (isPacked(contentEncoding, body)) return '';
  const said = serviceMessage(body.slice(0, BODY_CHARS));
  // An error event was read already: its words stand in the cause.
  return said !== '' && cause.includes(said) ? '' : said;
}

/** Bytes that mean nothing as a text. */
function isPacked(encoding: string | undefined, body: string): boolean {
  return (encoding !== undefined && !/^\s*(identity\s*)?$/i.test(encoding)) || body.startsWith('\x1f');
}

function summaryOf(facts: FailureFacts, message: string): string {
  const { outcome, status, cause } = facts;
  const head = outcome === 'http' ? statusWords(status) : `${outcome}: ${visible(plainCause(cause))}`;
  const extras = headerWords(facts);
  if (outcome === 'protocol' && status !== 0 && (extras.length > 0 || message !== ''))
    extras.unshift(`HTTP ${status}`);
  return [head, ...extras].join(', ');
}

/** What the headers add to the status, where they tell something. */
function headerWords({
  status,
  contentType,
  contentEncoding,
  location,
  retryAfterS,
  body,
}: FailureFacts): string[] {
  const words: string[] = [];
  const type = contentType?.split(';')[0].trim().toLowerCase() ?? '';
  if (type !== '' && !/^(application\/(.*\+)?json|text\/plain|text\/event-stream)$/.test(type))
    words.push(visible(type, HEADER_CHARS));
  else if (type === '' && body !== undefined && isPage(body)) words.push('a page of HTML');
  if (status === 200 && /json$/.test(type)) words.push(visible(type, HEADER_CHARS));
  if (contentEncoding) words.push(`compressed (${visible(contentEncoding, HEADER_CHARS)})`);
  if (location) words.push(`to ${visible(location, HEADER_CHARS)}`);
  if (retryAfterS !== undefined) words.push(`asks to wait ${retryAfterS} s`);
  return words;
}

/** Node's and OpenSSL's errors without the numbers that only their authors read. */
function plainCause(cause: string): string {
  const tls = /error:[0-9A-F]{8,}:SSL routines:[^:]*:([^:]+)/i.exec(cause);
  if (tls) return `TLS: ${tls[1].trim()}`;
  return cause.trim();
}
