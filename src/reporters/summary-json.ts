/** Plug-in: everything a program may want of a summary: SI units, full precision, and what the run was. */

import type { MachineHealth, Spread, WorkerWatch } from '../core/health.ts';
import type { PrecisionEnd } from '../core/precision.ts';
import type { RunEnd, RunInfo, Warmup, WorkerHealth } from '../core/run.ts';
import type { Interval, MetricRow, Summary } from '../core/summary.ts';
import { ENDING } from '../core/text/file-name.ts';
import { quietJson } from '../core/text/outside-text.ts';
import { clientHealthJson } from './client-health-table.ts';
import type { Reporter } from './reporter.ts';
import { steadyJson } from './steady-json.ts';

/** Version of this file's layout. Version 1 called it `format`, and said `utilisation` and `waves`. */
const SCHEMA_VERSION = 2;

/** Times in s, rates per s, shares from 0 to 1; a figure that does not exist is null. */
export const summaryJson: Reporter = (summary, run, end) => ({
  ending: ENDING.summaryJson,
  content: `${quietJson(JSON.stringify(documentOf(summary, run, end), finiteOrNull, 2))}\n`,
});

function documentOf(summary: Summary, run: RunInfo, end: RunEnd | null) {
  return {
    schema_version: SCHEMA_VERSION,
    tool: run.tool,
    host: {
      node: run.host.node,
      platform: run.host.platform,
      cpu: run.host.cpu,
      cores: run.host.cores,
      memory_bytes: run.host.memoryBytes,
    },
    run: runOf(run, end),
    summarizer: {
      name: summary.summarizer,
      rule: summary.rule,
      definitions: summary.definitions,
      profile: summary.profile,
      stats_list: summary.statsList,
    },
    stage: summary.stage,
    window: summary.window && windowOf(summary.window),
    no_window: summary.noWindow && {
      reason: summary.noWindow.reason,
      highest_level: summary.noWindow.highestLevel,
      highest_at_s: summary.noWindow.highestAtMs / 1000,
      hints: summary.noWindow.hints,
    },
    per_request: rowsOf(summary.perRequest),
    common: Object.fromEntries(summary.common.map(({ name, unit, value }) => [name, { unit, value }])),
    from_due: rowsOf(summary.fromDue),
    steady: summary.steady ? steadyJson(summary.steady) : null,
    until_precise: end?.precision ? precisionOf(end.precision) : null,
    concurrency: { highest: summary.maxLevel, mean_in_window: summary.meanLevel },
    outcomes: summary.outcomes,
    token_sources: summary.tokenSources,
    notes: summary.notes,
    client_health: clientHealthJson(summary.clientHealth),
    health: end?.health.map(healthOf) ?? [],
    machine: end?.machine ? machineOf(end.machine) : null,
    config: run.config,
  };
}

function runOf(run: RunInfo, end: RunEnd | null) {
  return {
    started_at: new Date(run.startedAtUnixMs).toISOString(),
    model_abbr: run.modelAbbr,
    dataset_abbr: run.datasetAbbr,
    protocol: run.protocol,
    stream: run.stream,
    url: run.url,
    model: run.model,
    batch_size: run.batchSize,
    workers: run.workers,
    seed: run.seed,
    cache: run.cache ?? null,
    samples: run.samples,
    planned_requests: run.plannedRequests,
    tokenizer: run.tokenizer,
    schedule: run.schedule.kind,
    warmup: warmupOf(run.warmup, end),
    complete: end !== null,
    interrupted: end?.interrupted ?? false,
    beside: end?.beside ?? [],
    issued: end?.issued ?? null,
    slots_opened: end?.slotsOpened ?? null,
    last_issue_s: end && end.lastIssueMs / 1000,
    measured_s: end?.measuredMs === undefined ? null : end.measuredMs / 1000,
    end_s: end && end.endMs / 1000,
  };
}

function warmupOf({ filledOverMs, ...counts }: Warmup, end: RunEnd | null) {
  return {
    ...counts,
    filled_over_s: filledOverMs === undefined ? null : filledOverMs / 1000,
    fillers: end?.fillers ?? null,
  };
}

function precisionOf({ reached, why, looks, targets }: PrecisionEnd) {
  return {
    reached,
    why,
    looks,
    targets: targets.map((target) => ({
      metric: target.metric,
      wanted_pct: target.percent,
      half_width_pct: target.halfWidthPercent,
      refused: target.refused || null,
    })),
  };
}

function windowOf({ startMs, endMs, t1Ms, t2Ms, t4Ms }: Interval) {
  const s = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
  return { start_s: startMs / 1000, end_s: endMs / 1000, t1_s: s(t1Ms), t2_s: s(t2Ms), t4_s: s(t4Ms) };
}

function rowsOf(rows: readonly MetricRow[]) {
  return Object.fromEntries(
    rows.map(({ name, unit, n, stats }) => [
      name,
      { unit, n, ...Object.fromEntries(stats.map((stat) => [stat.name, stat.value])) },
    ]),
  );
}

function healthOf(h: WorkerHealth) {
  return {
    worker: h.worker,
    requests: h.requests,
    events: h.events,
    bytes_in: h.bytesIn,
    reads: h.reads,
    coalesced_reads: h.coalescedReads,
    cpu_s: h.cpuMs / 1000,
    wall_s: h.wallMs / 1000,
    utilization: h.utilization,
    loop_delay_p50_s: h.loopDelayP50Ms / 1000,
    loop_delay_p99_s: h.loopDelayP99Ms / 1000,
    loop_delay_max_s: h.loopDelayMaxMs / 1000,
    bytes_in_per_s: h.wallMs > 0 ? h.bytesIn / (h.wallMs / 1000) : null,
    ...(h.watch && watchOf(h.watch)),
  };
}

function watchOf(w: WorkerWatch) {
  return {
    stamp_wait: spreadOf(w.stampWait),
    read_work: spreadOf(w.readWork),
    send_delay: spreadOf(w.sendDelay),
    gc: { count: w.gc.count, total_s: w.gc.totalMs / 1000, max_s: w.gc.maxMs / 1000 },
    cpu_wait_s: w.cpuWaitMs === null ? null : w.cpuWaitMs / 1000,
    sockets_opened: w.socketsOpened,
    outputs: w.outputs,
    shared_outputs: w.sharedOutputs,
    own_failures: w.ownFailures,
  };
}

function spreadOf({ n, meanMs, p50Ms, p99Ms, maxMs }: Spread) {
  return { n, mean_s: meanMs / 1000, p50_s: p50Ms / 1000, p99_s: p99Ms / 1000, max_s: maxMs / 1000 };
}

function machineOf(m: MachineHealth) {
  return {
    open_files_limit: m.openFiles,
    ephemeral_ports: m.ephemeralPorts,
    steal_share: m.stealShare,
    busy_share: m.busyShare,
  };
}

function finiteOrNull(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}
