/** What a damaged journal holds behind the damage. */
import { FIRST_VERSION, FRAME, FRAME_HEAD_BYTES, headIn, padded } from './frame.ts';
import { checkedFrame, type OpenJournal, readUpTo } from './journal-frames.ts';

export interface LostPart {
  bytes: number;
  /** `torn`: the writer was stopped in the middle of a frame. `corrupt`: something has changed the file. */
  reason: 'torn' | 'corrupt';
  /** Requests in whole frames behind the damage, which are left out, too. */
  rows: number;
}

const WINDOW_BYTES = 2 ** 20;
/** Frames start on multiples of it. */
const STEP = 8;
/** Bytes that look like a frame are checked as one; so many numbers of frames ahead of the last are believed. */
const MAX_FRAMES_AHEAD = 2 ** 20;

/** Nothing whole can follow what a killed writer left: whatever does shows that the file was damaged. */
export function lostFrom(
  journal: OpenJournal,
  from: number,
  damage: { reason: LostPart['reason']; number: number },
): LostPart {
  let rows = 0;
  let isDamaged = damage.reason === 'corrupt';
  for (let at = nextCandidate(journal, from + STEP, damage.number); at < journal.size; ) {
    const frame = checkedFrame(journal, at);
    if (frame === 'torn' || frame === 'corrupt') {
      at = nextCandidate(journal, at + STEP, damage.number);
      continue;
    }
    isDamaged = true;
    if (frame.type === FRAME.batch) {
      rows += readUpTo(journal.fd, at + FRAME_HEAD_BYTES, Buffer.alloc(4)).readUInt32LE(0);
    }
    at = nextCandidate(journal, at + FRAME_HEAD_BYTES + padded(frame.length), damage.number);
  }
  return { bytes: journal.size - from, reason: isDamaged ? 'corrupt' : 'torn', rows };
}

/** The next place that may hold a frame, the end of the file when there is none. */
function nextCandidate({ fd, size, version }: OpenJournal, from: number, number: number): number {
  if (version === FIRST_VERSION) return size;
  const window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, Math.max(0, size - from)));
  for (let start = from; start + FRAME_HEAD_BYTES <= size; ) {
    const bytes = readUpTo(fd, start, window.subarray(0, Math.min(window.length, size - start)));
    let at = 0;
    for (; at + FRAME_HEAD_BYTES <= bytes.length; at += STEP) {
      const head = headIn(bytes.subarray(at));
      const isLater = head.number > number && head.number - number < MAX_FRAMES_AHEAD;
      const isKnown = head.type === FRAME.batch || head.type === FRAME.update || head.type === FRAME.end;
      if (isKnown && isLater && start + at + FRAME_HEAD_BYTES + head.length <= size) return start + at;
    }
    start += at;
  }
  return size;
}
