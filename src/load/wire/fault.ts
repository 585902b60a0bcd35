/** What is recorded of an attempt that failed. */

import { retryAfterS } from '../../core/failures/retry-after.ts';
import type { Note } from '../../core/records.ts';
import { cutWithoutSecret, type Dialect, withoutSecret } from './dialect.ts';
import type { HeadFacts } from './http/response-head.ts';
import { ERROR_BODY_BYTES } from './whole-body.ts';

/** Why an attempt failed. */
export type Fault = Pick<
  Note,
  'cause' | 'errorBody' | 'contentType' | 'contentEncoding' | 'location' | 'retryAfterS'
>;

/** The cause of a connection that the service ended in an orderly way. */
export const CLOSED = 'the service closed the connection';

/** Longer header values say nothing more to a reader. */
const MAX_FIELD_CHARS = 256;

export function faultOf(
  dialect: Dialect,
  cause: string,
  errorBody: string | undefined,
  { contentType, contentEncoding, location, retryAfter }: HeadFacts,
): Fault {
  const waitS = retryAfterS(retryAfter, Date.now());
  const field = (text: string) => cutWithoutSecret(dialect, text, MAX_FIELD_CHARS);
  return {
    cause: withoutSecret(dialect, cause).slice(0, ERROR_BODY_BYTES),
    ...(errorBody !== undefined && { errorBody: cutWithoutSecret(dialect, errorBody, ERROR_BODY_BYTES) }),
    ...(contentType !== undefined && { contentType: field(contentType) }),
    ...(contentEncoding !== undefined && { contentEncoding: field(contentEncoding) }),
    ...(location !== undefined && { location: field(location) }),
    ...(waitS !== undefined && { retryAfterS: waitS }),
  };
}
