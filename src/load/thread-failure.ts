/** What to tell of a load thread that could not be started or has died. */
import { EXIT, UserError } from '../core/errors.ts';
import { RECORDS_ARE_KEPT } from '../core/failures/write-error.ts';

/** The stack is shown only of a fault that is ours. */
export function threadFailure(error: NodeJS.ErrnoException): UserError {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new UserError(EXIT.failed, `a load thread ran out of memory: ${error.message}`, {
      hint: `Lower the concurrency, or do not store texts (--no-keep-text); ${RECORDS_ARE_KEPT}.`,
      cause: error,
    });
  }
  if (error.code === 'ERR_WORKER_INIT_FAILED' || error.code === 'EAGAIN') {
    return new UserError(EXIT.failed, `a load thread cannot be started: ${error.message}`, {
      hint: 'Lower --workers, or raise the limits of this machine: processes (`ulimit -u`), open files (`ulimit -n`), memory.',
      cause: error,
    });
  }
  return new UserError(EXIT.failed, `a load thread has crashed: ${error.stack ?? error.message}`, {
    hint: `This is a bug of ais_bench: please report these lines; ${RECORDS_ARE_KEPT}.`,
    cause: error,
  });
}
