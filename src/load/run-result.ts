/** Adds up what the workers report. */
import { EXIT, UserError } from '../core/errors.ts';
import { createFailureGroups, type FailureGroups } from '../core/failures/failure-groups.ts';
import type { HintContext } from '../core/failures/failure-hints.ts';
import { failureLine } from '../core/failures/failure-words.ts';
import type { MachineHealth } from '../core/health.ts';
import type { FailedWarmup, RunEnd, RunInfo } from '../core/run.ts';
import type { FromWorker, WarmupCount } from './messages.ts';

/** With the kinds of what failed, the most frequent first. */
export function mergeWarmups(counts: readonly WarmupCount[], hints: HintContext = {}): MergedWarmups {
  const warmup: RunInfo['warmup'] = { total: 0, ok: 0, failed: 0, reasons: {} };
  const groups = createFailureGroups(hints);
  for (const { total, ok, failed, failures } of counts) {
    warmup.total += total;
    warmup.ok += ok;
    warmup.failed += failed;
    for (const failure of failures) groups.add({ ...failure, body: failure.errorBody });
  }
  for (const group of groups.list()) warmup.reasons[failureLine(group)] = group.count;
  return { warmup, groups, failures: counts.flatMap(({ failures }) => failures) };
}

export interface MergedWarmups {
  warmup: RunInfo['warmup'];
  groups: FailureGroups;
  failures: FailedWarmup[];
}

/** Says why each kind of failure happened; the hint is that of the most frequent kind. */
export function allWarmupsFailed({ warmup, groups }: MergedWarmups): UserError {
  const kinds = groups.list();
  const reasons = kinds.map((group) => `  ${group.count} × ${failureLine(group)}`);
  if (groups.others > 0) reasons.push(`  ${groups.others} × others`);
  return new UserError(EXIT.failed, `All ${warmup.total} warm-up requests failed:\n${reasons.join('\n')}`, {
    hint: kinds[0]?.hint,
  });
}

/** Adds two counts of one worker. */
export function addWarmups(a: WarmupCount, b: WarmupCount): WarmupCount {
  return {
    total: a.total + b.total,
    ok: a.ok + b.ok,
    failed: a.failed + b.failed,
    failures: [...a.failures, ...b.failures],
    e2elMs: [...a.e2elMs, ...b.e2elMs],
  };
}

/** Of the warm-ups that went well; 0 without any. */
export function medianE2elMs(reports: readonly Extract<FromWorker, { type: 'warm' }>[]): number {
  const sorted = reports.flatMap(({ warmup }) => warmup.e2elMs).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

export function mergeEnds(
  reports: readonly Extract<FromWorker, { type: 'finished' }>[],
  interrupted: boolean,
  machine?: MachineHealth,
): RunEnd {
  const measured = reports.flatMap((r) => r.end.measuredMs ?? []);
  const resent = reports.reduce((sum, r) => sum + r.resent, 0);
  const fillers = reports.flatMap((r) => r.end.fillers ?? []);
  return {
    endMs: Math.max(0, ...reports.map((r) => r.endMs)),
    lastIssueMs: Math.max(0, ...reports.map((r) => r.end.lastIssueMs)),
    issued: reports.reduce((sum, r) => sum + r.end.issued, 0),
    interrupted,
    slotsOpened: reports.reduce((sum, r) => sum + r.end.slotsOpened, 0),
    health: reports.map((r) => r.health).sort((a, b) => a.worker - b.worker),
    ...(fillers.length > 0 && { fillers: fillers.reduce((sum, n) => sum + n, 0) }),
    ...(resent > 0 && { resent }),
    ...(machine && { machine }),
    // Workers hear of the end some µs apart; what is sent between is measured by some and belongs to none.
    ...(measured.length > 0 && { measuredMs: Math.min(...measured) }),
  };
}
