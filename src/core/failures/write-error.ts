/** Why a file could not be written and what to do about it, in words. */
import { EXIT, UserError } from '../errors.ts';

interface Cause {
  code: string;
  /** As libraries word it that hand on no code. */
  text: RegExp;
  reason: string;
  remedy: string;
}

const causes: readonly Cause[] = [
  {
    code: 'ENOSPC',
    text: /no space left/i,
    reason: 'no space is left on its disk',
    remedy: 'Free space there',
  },
  {
    code: 'EDQUOT',
    text: /quota/i,
    reason: 'the disk quota is used up',
    remedy: 'Free space or raise the quota',
  },
  {
    code: 'EFBIG',
    text: /file too large/i,
    reason: 'the file size limit is reached',
    remedy: 'Raise the limit (`ulimit -f`)',
  },
  {
    code: 'EMFILE',
    text: /too many open files|no file descriptors/i,
    reason: 'this process has too many files open',
    remedy: 'Raise the limit (`ulimit -n`)',
  },
  {
    code: 'ENFILE',
    text: /file table overflow|too many open files in system/i,
    reason: 'this machine has too many files open',
    remedy: 'Close other programs',
  },
  {
    code: 'EACCES',
    text: /permission denied/i,
    reason: 'it is not writable',
    remedy: 'Make it writable for this user',
  },
  {
    code: 'EPERM',
    text: /not permitted/i,
    reason: 'it is not writable',
    remedy: 'Make it writable for this user',
  },
  { code: 'EROFS', text: /read-only/i, reason: 'its disk is read-only', remedy: 'Make it writable' },
  {
    code: 'ENOENT',
    text: /no such file/i,
    reason: 'its folder is gone',
    remedy: 'Leave the folder in place while the command runs',
  },
  { code: 'EIO', text: /i\/o error/i, reason: 'its disk reports an error', remedy: 'Check that disk' },
];

/** `next`: what to do once the cause is removed, or what is kept; a sentence without its first capital and its period. */
export function writeError(path: string, cause: unknown, next: string): UserError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const known = causes.find((c) => c.code === code) ?? causes.find((c) => c.text.test(message));
  const reason = known ? `${known.reason} (${known.code})` : message;
  const remedy = known?.remedy ?? 'Remove that cause';
  return new UserError(EXIT.failed, `cannot write ${path}: ${reason}`, {
    hint: `${remedy}; ${next}.`,
    cause,
  });
}

/** What to do after a failed report or details file. */
export const RECORDS_ARE_KEPT =
  'what was recorded is kept, and `ais_bench --mode perf_viz --reuse` summarizes it';
