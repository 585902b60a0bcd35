/** Notices when a service is dead or fails too often, so that the run ends early with what it has. */

/** Sums over all workers since the run's start. */
export interface FailureFigures {
  /** Attempts that went well, and output events so far. */
  received: number;
  events: number;
  /** Attempts that failed; cancelled ones are not among them. */
  failed: number;
  /** Of those, the ones that got no connection from the service. */
  refused: number;
  /** Above 0: a request may still go well, because it has been in flight for long or the service asked to wait. */
  waiting: number;
}

/** Why a run should end. */
interface Verdict {
  why: string;
  /** The service refuses connections, so requests in flight are unlikely to end well. */
  isUnreachable: boolean;
}

interface FailureWatch {
  /** Null: the run should go on. Call it several times a second. */
  check(figures: FailureFigures, nowMs: number): Verdict | null;
}

const MAX_REFUSED = 20;
/** When a service restarts, all slots are refused in one instant: that is one event, not twenty. */
const REFUSED_MS = 1000;
const FAILING_MS = 10_000;
/** The same while a request may still go well; longer than any time that a service can ask us to wait. */
const PATIENT_MS = 90_000;
/** A service that refuses connections and has said nothing for this long is not expected to say more. */
const QUIET_MS = 5000;
/** In FAILING_MS a run of few requests with long pauses between its retries may see only three errors. */
const MIN_ERRORS = 10;
/** A fraction of fewer attempts says little: at a true error rate of 5%, 4 in 100 samples of 50 contain more than 10% errors. */
const MIN_FINISHED = 50;

/** `maxErrorPct`: percentage of finished attempts that may fail; 100: all of them may. */
export function createFailureWatch(maxErrorPct: number): FailureWatch {
  /** Figures when the service last did something well, and when it last answered at all. */
  let good: FailureFigures = { received: 0, events: 0, failed: 0, refused: 0, waiting: 0 };
  let answered = { refused: 0, others: 0 };
  let firstErrorMs = Number.NaN;
  let firstRefusedMs = Number.NaN;

  function startOver(figures: FailureFigures): void {
    good = { ...figures };
    answered = { refused: figures.refused, others: figures.failed - figures.refused };
    firstErrorMs = Number.NaN;
    firstRefusedMs = Number.NaN;
  }

  function deadBy(figures: FailureFigures, nowMs: number): Verdict | null {
    const others = figures.failed - figures.refused;
    if (others > answered.others) {
      answered = { refused: figures.refused, others };
      firstRefusedMs = Number.NaN;
    }
    const refused = figures.refused - answered.refused;
    const errors = others - (good.failed - good.refused);
    if (refused > 0 && Number.isNaN(firstRefusedMs)) firstRefusedMs = nowMs;
    if (errors > 0 && Number.isNaN(firstErrorMs)) firstErrorMs = nowMs;
    if (refused >= MAX_REFUSED && nowMs - firstRefusedMs >= REFUSED_MS)
      return { why: `The service could not be reached ${refused} times in a row.`, isUnreachable: true };
    const forMs = nowMs - firstErrorMs;
    if (errors < MIN_ERRORS || !(forMs >= (figures.waiting > 0 ? PATIENT_MS : FAILING_MS))) return null;
    const why = `The service returned only errors for ${Math.floor(forMs / 1000)} s, ${errors} of them.`;
    return { why, isUnreachable: false };
  }

  return {
    check(figures, nowMs) {
      if (figures.received > good.received || figures.events > good.events) startOver(figures);
      const finished = figures.received + figures.failed;
      const pct = (100 * figures.failed) / Math.max(1, finished);
      if (finished >= MIN_FINISHED && pct > maxErrorPct)
        return {
          why: `${figures.failed} of ${finished} attempts failed, which exceeds --max-error-rate ${maxErrorPct}.`,
          isUnreachable: false,
        };
      return deadBy(figures, nowMs);
    },
  };
}

/** The end of a run before its time. */
export interface EarlyEnd {
  /** Null: the run goes on. */
  readonly verdict: Verdict | null;
  /** Told several times a second how the run goes; says what is to be done now, null: nothing. */
  check(figures: FailureFigures & { bytesIn: number }, nowMs: number): 'stop' | 'cancel' | null;
}

/** A dead run is stopped; what is in flight is canceled once a service that cannot be reached says nothing more. */
export function createEarlyEnd(maxErrorPct: number): EarlyEnd {
  const watch = createFailureWatch(maxErrorPct);
  const isQuiet = createQuietWatch();
  let verdict: Verdict | null = null;
  return {
    get verdict() {
      return verdict;
    },
    check(figures, nowMs) {
      const wasGoingOn = verdict === null;
      verdict ??= watch.check(figures, nowMs);
      if (verdict?.isUnreachable && isQuiet(figures.bytesIn, nowMs)) return 'cancel';
      return wasGoingOn && verdict !== null ? 'stop' : null;
    },
  };
}

/** The returned function is told several times a second how many bytes have come in; true once none has for some seconds. */
export function createQuietWatch(): (bytesIn: number, nowMs: number) => boolean {
  let heard = Number.NaN;
  let lastMs = 0;
  return (bytesIn, nowMs) => {
    if (bytesIn !== heard) lastMs = nowMs;
    heard = bytesIn;
    return nowMs - lastMs >= QUIET_MS;
  };
}
