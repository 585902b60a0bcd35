/** Signals while tasks run: one ear for all of them. */
import { EXIT, type ExitCode } from '../../core/errors.ts';
import type { LoadRun } from '../../load/pool.ts';
import type { Host, StopSignal } from '../host/host.ts';
import type { Log } from '../screen/log.ts';

type Stoppable = Pick<LoadRun, 'stop' | 'kill' | 'epochNs'>;

export interface Interrupts {
  /** Nothing new may be started. */
  readonly interrupted: boolean;
  /** What the command ends with on account of the signals so far; 0 after a first Ctrl-C. */
  readonly code: ExitCode;
  /** The load is stopped with the others, until the returned function is called. */
  watch(load: Stoppable): () => void;
  /** All is sent: from now on a Ctrl-C ends the process at once, as it does by itself, and other signals only change its code. */
  sendingIsOver(): void;
  release(): void;
}

/** What a command returns when this signal has asked it to end and it has done so in good order. */
export const exitCodeOfSignal: Record<StopSignal, ExitCode> = {
  SIGINT: EXIT.ok,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hungUp,
};

/** Service managers send SIGKILL some 10 s after SIGTERM, and the summary must be written by then. */
const TERMINATION_GRACE_MS = 3000;

const NOTHING_SENT = 'Interrupted before the measurement began; no measured request was sent.';
const WAITING =
  'Interrupted: no new requests are sent, and those in flight may finish. Press Ctrl-C again to exit at once.';

/** While `waiting` lasts nothing has been sent: a Ctrl-C says so and ends the process. */
export async function beforeSending<T>(
  host: Pick<Host, 'onSignal' | 'exit'>,
  log: Log,
  waiting: Promise<T>,
): Promise<T> {
  const release = host.onSignal(['SIGINT'], () => {
    log.warn(NOTHING_SENT);
    host.exit(EXIT.interrupted);
  });
  return waiting.finally(release);
}

/**
 * First Ctrl-C: stop issuing, let requests in flight finish, summarize. Second: leave at once. SIGTERM and SIGHUP end
 * the run in the same way, but soon; they often come twice (`timeout`, shells), so a second one means nothing.
 */
export function listenForInterrupts(host: Host, log: Log): Interrupts {
  const loads = new Set<Stoppable>();
  let interrupted = false;
  let code: ExitCode = EXIT.ok;

  /** No load has come to its time zero. */
  function isBeforeAll(): boolean {
    return loads.size > 0 && [...loads].every(({ epochNs }) => epochNs === null);
  }

  function ctrlC(): void {
    if (interrupted) {
      for (const load of loads) load.kill();
      host.exit(EXIT.interrupted);
    }
    interrupted = true;
    log.warn(isBeforeAll() ? NOTHING_SENT : WAITING);
    for (const load of loads) load.stop();
  }

  function terminate(signal: StopSignal): void {
    if (code !== EXIT.ok) return;
    code = exitCodeOfSignal[signal];
    interrupted = true;
    log.warn(
      `${signal}: no new requests are sent, and those in flight have ${TERMINATION_GRACE_MS / 1000} s. Then the collected records are summarized.`,
    );
    for (const load of loads) load.stop(TERMINATION_GRACE_MS);
  }

  const stopListening = host.onSignal(['SIGINT'], ctrlC);
  const release = host.onSignal(['SIGTERM', 'SIGHUP'], terminate);
  return {
    get interrupted() {
      return interrupted;
    },
    get code() {
      return code;
    },
    watch(load) {
      loads.add(load);
      if (code !== EXIT.ok) load.stop(TERMINATION_GRACE_MS);
      else if (interrupted) load.stop();
      return () => void loads.delete(load);
    },
    sendingIsOver: stopListening,
    release() {
      stopListening();
      release();
    },
  };
}
