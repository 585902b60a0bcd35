/** What to say of a run that another process is still sending. */
import { type LiveRun, liveRunOf } from '../../store/live-mark.ts';
import { findRun, stampsIn } from '../../store/run-folder.ts';
import type { Host } from './host.ts';

/** Stamp of the newest run before that of `folder` which is over; null when there is none. */
export function endedBefore(workDir: string, folder: string): string | null {
  const own = folder.split('/').at(-1) ?? '';
  return (
    stampsIn(workDir).find((stamp) => stamp < own && liveRunOf(findRun(workDir, stamp)) === null) ?? null
  );
}

/** For commands that only read: their figures are not final. */
export function warnOfLive(host: Pick<Host, 'stderr'>, folder: string): void {
  const live = liveRunOf(folder);
  if (live === null) return;
  host.stderr.write(
    `Warning: This run is in progress: process ${live.pid} on ${live.host} is still recording ${folder}. The figures cover what has been recorded so far.\n`,
  );
}

/** A warning for whoever recalculates it. */
export function liveText({ pid, host }: LiveRun, before: string | null): string {
  const earlier = before === null ? '' : ` The latest finished run is --reuse ${before}.`;
  return `This run is in progress: process ${pid} on ${host} is still recording it. The figures cover what has been recorded so far, and no file is written.${earlier}`;
}
