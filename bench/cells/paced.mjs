// Paced streams, as a service that decodes sends them: the error of each token's stamp, and the CPU an event costs.
import { join } from 'node:path';
import { programs } from '../build.mjs';
import { quantile, stampErrors } from '../lateness.mjs';
import { clients, runClient, withServer, workload } from '../processes.mjs';
import { besideName, C_LATE_MS } from '../report.mjs';

/** The service's own limits for a window that counts. */
const GAP_SHARE = 0.02;
const LAG_MS = 3;
const WINDOW_MS = 2560;

/** Null when the service kept its own time, else why the window does not count. */
export function serverNoise({ gap_ms, up_s, lag_p99_ms }) {
  const share = gap_ms / 1000 / up_s;
  if (share > GAP_SHARE)
    return `the service's core was taken away for ${(share * 100).toFixed(1)} % of the time`;
  if (lag_p99_ms > LAG_MS) return `the service itself was ${lag_p99_ms.toFixed(1)} ms late (p99)`;
  return null;
}

/** `streams` × `perS` tokens a second for one response's length at full level, then the rest drains. */
export function steady(streams, perS) {
  const maxTokens = Math.round((WINDOW_MS / 1000) * perS);
  return { connections: streams, requests: streams * 2, maxTokens, stagger: true };
}

export const paced = (perS) => ['--mode', 'paced', '--interval-ms', String(1000 / perS)];

/** p99 of the C client's lateness at 1,000 x 50 in a window just before, and why what follows does not count, if so. */
export async function besideC({ quick, sized }, cell) {
  const streams = sized(1000);
  const words = workload({ ...steady(streams, 50), maxTokens: quick ? 25 : 50 });
  const { result, server } = await withServer(paced(50), (port) =>
    runClient([...clients.c(port, words), '--lateness']),
  );
  const late = `the C client was ${result.late_p99_ms.toFixed(2)} ms late (p99)`;
  const skipped = serverNoise(server) ?? (result.late_p99_ms > C_LATE_MS ? late : undefined);
  return { [besideName(cell)]: result.late_p99_ms, skipped };
}

/** p99 of the engine's stamp error, counted only beside a quiet window of the C client. */
export function stampError({ quick, scratch, sized }, streams, perS) {
  const load = `${streams}x${perS}`;
  return {
    name: `stamp_p99_ms_${load}`,
    want: quick ? 1 : 5,
    async run(_window, again) {
      const c = await besideC({ quick, sized }, `stamp_p99_ms_${load}`);
      if (c.skipped !== undefined && again) return c;
      const { errors, lost, server } = await engineErrors(scratch, paced(perS), steady(sized(streams), perS));
      return {
        ...c,
        [`stamp_p99_ms_${load}`]: quantile(errors, 0.99),
        [`stamp_p50_ms_${load}`]: quantile(errors, 0.5),
        [`lost_tokens_${load}`]: lost,
        skipped: c.skipped ?? serverNoise(server) ?? undefined,
      };
    },
  };
}

export async function engineErrors(scratch, serverOptions, load, more = []) {
  const truth = join(scratch, 'truth.bin');
  const stamps = join(scratch, 'stamps.bin');
  const { result, server } = await withServer([...serverOptions, '--truth', truth], (port) =>
    runClient([...clients.engine(port, workload(load)), '--stamps', stamps, ...more]),
  );
  return { result, server, ...stampErrors(truth, stamps) };
}

/** Every stream in the same instant, 50 ms steps: what the position in the batch costs. */
export function batchStep({ quick, scratch, aiohttp, sized }) {
  const streams = sized(1000);
  const load = { connections: streams, requests: 2 * streams, maxTokens: 40, stagger: true };
  const server = ['--mode', 'step', '--interval-ms', '50'];
  return {
    name: 'batch step',
    want: 3,
    async run(_window, again) {
      const c = await besideC({ quick, sized }, 'batch step');
      if (c.skipped !== undefined && again) return c;
      const engine = await engineErrors(scratch, server, load);
      const python = await withServer(server, (port) =>
        runClient([...aiohttp(port, workload(load)), '--lateness']),
      );
      const p50 = quantile(engine.errors, 0.5);
      return {
        ...c,
        step_p50_ms_1000: p50,
        step_p99_ms_1000: quantile(engine.errors, 0.99),
        step_p50_vs_aiohttp: p50 / python.result.late_p50_ms,
        skipped: c.skipped ?? serverNoise(engine.server) ?? serverNoise(python.server) ?? undefined,
      };
    },
  };
}

/** 500 × 50 tokens a second: CPU an event, as a multiple of the C client's. */
export function cpuPerEvent({ quick, sized }) {
  const streams = sized(500);
  const load = { connections: streams, requests: (quick ? 1.5 : 3) * streams, maxTokens: 128, stagger: true };
  return {
    name: 'cpu per event',
    want: quick ? 1 : 5,
    async run() {
      const cost = {};
      let skipped;
      for (const name of ['c', 'engine']) {
        const { result, server } = await withServer(paced(50), (port) =>
          runClient(clients[name](port, workload(load))),
        );
        skipped ??= serverNoise(server) ?? undefined;
        cost[name] = (result.cpu_s / result.events) * 1e6;
      }
      return {
        cpu_us_per_event: cost.engine,
        cpu_us_per_event_c: cost.c,
        cpu_per_event_vs_c: cost.engine / cost.c,
        skipped,
      };
    },
  };
}

/** Open loop at 10,000 sends a second of one-token answers: sent - due of every request. */
export function sendLateness({ quick, sized }) {
  const load = { connections: 1000, requests: sized(quick ? 20_000 : 50_000), maxTokens: 1 };
  return {
    name: 'send lateness',
    want: quick ? 1 : 5,
    async run() {
      const { result, server } = await withServer([], (port) =>
        runClient([...clients.engine(port, workload(load)), '--rate', '10000']),
      );
      return {
        send_lateness_p50_ms_10k: result.send_late_p50_ms,
        send_lateness_p99_ms_10k: result.send_late_p99_ms,
        send_10k_core_share: result.cpu_s / result.wall_s,
        skipped: serverNoise(server) ?? undefined,
      };
    },
  };
}

/** 8,000 streams held for a minute: every request and token must be accounted for. */
export function heldStreams({ scratch, sized }) {
  const streams = sized(8000);
  const load = { connections: streams, requests: 2 * streams, maxTokens: sized(300) };
  return {
    name: 'held streams',
    want: 1,
    async run() {
      const { result, lost } = await engineErrors(scratch, paced(10), load);
      return { held_s_8000: result.wall_s, held_failed_8000: result.failed, held_lost_tokens_8000: lost };
    },
  };
}

/** What each further open stream adds to the peak memory of the client process. */
export function memoryPerStream({ quick, sized }) {
  const few = 100;
  const many = sized(8000);
  return {
    name: 'memory',
    want: quick ? 1 : 3,
    async run() {
      const peak = {};
      for (const streams of [few, many]) {
        const load = { connections: streams, requests: streams, maxTokens: 10 };
        const { result } = await withServer(['--mode', 'paced', '--interval-ms', '100'], (port) =>
          runClient([process.execPath, programs.engine, '--port', String(port), ...workload(load)]),
        );
        peak[streams] = result.rss_kb;
      }
      return { kb_per_stream: (peak[many] - peak[few]) / (many - few), fixed_mb: peak[few] / 1024 };
    },
  };
}
