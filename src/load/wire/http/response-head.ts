/** The head of an HTTP/1.1 response: its end, and the few facts in it that reading the body needs. */

import { NO_HTTP } from '../../../core/failures/failure-hints.ts';

export interface ResponseHead {
  status: number;
  /** As the head says; a body without an end of its own ends the connection anyhow. */
  keepAlive: boolean;
  /** Of the body; -1: not said. */
  length: number;
  chunked: boolean;
  facts: HeadFacts;
}

/** What else a head tells, which explains an answer that is no answer. Undefined where it does not say. */
export interface HeadFacts {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly location?: string;
  readonly retryAfter?: string;
  /** `Keep-Alive: timeout=5`: an idle connection is closed by the service after so long, ms. */
  readonly keepAliveMs?: number;
}

export const NO_FACTS: HeadFacts = {};

const CR = 13;
const LF = 10;
const COLON = 58;

/** Position behind the blank line that ends a head, or 0. Bare LFs are taken for line ends too. */
export function headEnd(bytes: Buffer, from: number, to: number): number {
  let lineStart = from;
  for (;;) {
    const lf = bytes.indexOf(LF, lineStart);
    if (lf < 0 || lf >= to) return 0;
    const length = lf - lineStart;
    if (lineStart > from && (length === 0 || (length === 1 && bytes[lineStart] === CR))) return lf + 1;
    lineStart = lf + 1;
  }
}

/** Names that matter, told apart by their length: a line whose colon stands elsewhere costs no string. */
const NAME = { connection: 10, length: 14, encoding: 17 } as const;

const FACTS = [
  ['location', 'location'],
  ['retry-after', 'retryAfter'],
  ['content-type', 'contentType'],
  ['content-encoding', 'contentEncoding'],
] as const;

/** A head while its lines are read. */
interface OpenHead extends ResponseHead {
  facts: Record<string, string | number>;
}

/** Reads the head `from` … `end`; a text says why it is none. */
export function parseHead(bytes: Buffer, from: number, end: number): ResponseHead | string {
  let lf = bytes.indexOf(LF, from);
  const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |\r|$)/.exec(bytes.toString('latin1', from, lf));
  if (statusLine === null) return NO_HTTP;
  const keepAlive = statusLine[1] === '1';
  const head: OpenHead = { status: Number(statusLine[2]), keepAlive, length: -1, chunked: false, facts: {} };
  while (lf + 1 < end) {
    const line = lf + 1;
    lf = bytes.indexOf(LF, line);
    const problem = readLength(head, bytes, line, lf);
    if (problem !== '') return problem;
    readEncoding(head, bytes, line, lf);
    readConnection(head, bytes, line, lf);
    readFacts(head, bytes, line, lf);
  }
  return head;
}

/** Why the length that the line tells is none; '' when it tells one or is another line. */
function readLength(head: OpenHead, bytes: Buffer, line: number, lf: number): string {
  if (bytes[line + NAME.length] !== COLON) return '';
  const value = headerValue(bytes, line, lf, 'content-length');
  if (value === null) return '';
  const isLength = /^\d{1,15}$/.test(value) && (head.length < 0 || head.length === Number(value));
  if (!isLength) return `content-length is ${JSON.stringify(value)}`;
  head.length = Number(value);
  return '';
}

function readEncoding(head: OpenHead, bytes: Buffer, line: number, lf: number): void {
  if (bytes[line + NAME.encoding] !== COLON) return;
  const value = headerValue(bytes, line, lf, 'transfer-encoding');
  if (value !== null) head.chunked = /(^|,)\s*chunked$/i.test(value);
}

/** `connection` and `keep-alive`, whose names are of one length. */
function readConnection(head: OpenHead, bytes: Buffer, line: number, lf: number): void {
  if (bytes[line + NAME.connection] !== COLON) return;
  const value = headerValue(bytes, line, lf, 'connection')?.toLowerCase();
  if (value?.includes('close')) head.keepAlive = false;
  else if (value?.includes('keep-alive')) head.keepAlive = true;
  const timeout = /timeout\s*=\s*"?(\d{1,6})/i.exec(headerValue(bytes, line, lf, 'keep-alive') ?? '');
  if (timeout !== null) head.facts.keepAliveMs = Number(timeout[1]) * 1000;
}

function readFacts({ facts }: OpenHead, bytes: Buffer, line: number, lf: number): void {
  for (const [name, key] of FACTS) {
    const value = bytes[line + name.length] === COLON ? headerValue(bytes, line, lf, name) : null;
    if (value !== null) facts[key] ??= value;
  }
}

function headerValue(bytes: Buffer, line: number, lf: number, name: string): string | null {
  if (bytes.toString('latin1', line, line + name.length).toLowerCase() !== name) return null;
  return bytes.toString('latin1', line + name.length + 1, lf).trim();
}
