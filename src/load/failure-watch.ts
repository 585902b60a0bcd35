/** Tells when a service is dead, or fails too often, so that a run ends early with what it has. */

/** Sums over all workers since the run's start. */
export interface FailureFigures {
  /** Attempts that went well, and output events so far. */
  received: number;
  events: number;
  /** Attempts that failed; cancelled ones are not among them. */
  failed: number;
  /** Of those, the ones that got no connection from the service. */
  refused: number;
}

export interface FailureWatch {
  /** Why the run should end; null: it should go on. Call it several times a second. */
  check(figures: FailureFigures, nowMs: number): string | null;
}

const MAX_REFUSED = 20;
/** All slots are refused in one instant when a service restarts: that is one event, not twenty. */
const REFUSED_MS = 1000;
const FAILING_MS = 10_000;
/** A run of few requests with long pauses between its retries may have seen three errors in that time. */
const MIN_ERRORS = 10;
/** With fewer attempts a share says little: of 50 with 5 % errors, 4 in 100 samples hold more than 10 %. */
const MIN_FINISHED = 50;

/** `maxErrorPct`: percent of finished attempts that may fail; 100: any share may. */
export function createFailureWatch(maxErrorPct: number): FailureWatch {
  /** Figures when the service last did something well, and when it last answered at all. */
  let good: FailureFigures = { received: 0, events: 0, failed: 0, refused: 0 };
  let answered = { refused: 0, others: 0 };
  let firstErrorMs = Number.NaN;
  let firstRefusedMs = Number.NaN;

  function startOver(figures: FailureFigures): void {
    good = { ...figures };
    answered = { refused: figures.refused, others: figures.failed - figures.refused };
    firstErrorMs = Number.NaN;
    firstRefusedMs = Number.NaN;
  }

  function isDead(figures: FailureFigures, nowMs: number): string | null {
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
      return `The service could not be reached ${refused} times in a row.`;
    if (errors >= MIN_ERRORS && nowMs - firstErrorMs >= FAILING_MS)
      return `The service answered with nothing but errors for ${Math.floor((nowMs - firstErrorMs) / 1000)} s, ${errors} of them.`;
    return null;
  }

  return {
    check(figures, nowMs) {
      if (figures.received > good.received || figures.events > good.events) startOver(figures);
      const finished = figures.received + figures.failed;
      const pct = (100 * figures.failed) / Math.max(1, finished);
      if (finished >= MIN_FINISHED && pct > maxErrorPct)
        return `${figures.failed} of ${finished} attempts failed, more than --max-error-rate ${maxErrorPct} allows.`;
      return isDead(figures, nowMs);
    },
  };
}
