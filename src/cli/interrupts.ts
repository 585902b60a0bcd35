/** Ctrl-C while tasks run: one ear for all of them. */
import { EXIT } from '../core/errors.ts';
import type { LoadRun } from '../load/pool.ts';
import type { Host } from './host.ts';
import type { Log } from './log.ts';

type Stoppable = Pick<LoadRun, 'stop' | 'kill'>;

export interface Interrupts {
  /** Nothing new may be started. */
  readonly interrupted: boolean;
  /** The load is stopped with the others, until the returned function is called. */
  watch(load: Stoppable): () => void;
  release(): void;
}

/** First Ctrl-C: stop issuing, let requests in flight finish, summarize. Second: leave at once. */
export function listenForInterrupts(host: Host, log: Log): Interrupts {
  const loads = new Set<Stoppable>();
  let interrupted = false;
  const release = host.onInterrupt(() => {
    if (interrupted) {
      for (const load of loads) load.kill();
      host.exit(EXIT.interrupted);
    }
    interrupted = true;
    log.warn('Interrupted: no new requests; waiting for those in flight. Ctrl-C again leaves at once.');
    for (const load of loads) load.stop();
  });
  return {
    get interrupted() {
      return interrupted;
    },
    watch(load) {
      loads.add(load);
      return () => void loads.delete(load);
    },
    release,
  };
}
