// Paced streams, as a service that decodes sends them: the error of each token's stamp, and the CPU an event costs.
import { join } from 'node:path';
import { programs } from '../build.mjs';
import { quantile, stampErrors } from '../lateness.mjs';
import { clients, runClient, withServer, workload } from '../processes.mjs';

/** Where the C client is late the machine was; a neighbouring window with more than this does not count. */
const C_LATE_MS = 0.5;
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

async function cLateness(streams, perS, seconds = 1) {
  const load = {
    connections: streams,
    requests: streams * 2,
    maxTokens: Math.round(seconds * perS),
    stagger: true,
  };
  const { result, server } = await withServer(paced(perS), (port) =>
    runClient([...clients.c(port, workload(load)), '--lateness']),
  );
  return { p99: result.late_p99_ms, noisy: serverNoise(server) };
}

/** p99 of the engine's stamp error, counted only beside a quiet window of the C client at 1,000 × 50. */
export function stampError({ quick, scratch }, streams, perS) {
  const key = `stamp_p99_ms_${streams}x${perS}`;
  return {
    name: key,
    want: quick ? 1 : 5,
    async run() {
      const before = await cLateness(1000, 50, quick ? 0.5 : 1);
      if (before.noisy !== null) return { skipped: before.noisy };
      if (before.p99 > C_LATE_MS)
        return { skipped: `the C client was ${before.p99.toFixed(2)} ms late (p99)` };
      const { errors, lost, server } = await engineErrors(scratch, paced(perS), steady(streams, perS));
      const noisy = serverNoise(server);
      if (noisy !== null) return { skipped: noisy };
      return {
        [key]: quantile(errors, 0.99),
        [`stamp_p50_ms_${streams}x${perS}`]: quantile(errors, 0.5),
        lost_tokens: lost,
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
export function batchStep({ scratch, aiohttp }) {
  const load = { connections: 1000, requests: 2000, maxTokens: 40, stagger: true };
  const server = ['--mode', 'step', '--interval-ms', '50'];
  return {
    name: 'batch step',
    want: 3,
    async run() {
      const engine = await engineErrors(scratch, server, load);
      const python = await withServer(server, (port) =>
        runClient([...aiohttp(port, workload(load)), '--lateness']),
      );
      const noisy = serverNoise(engine.server) ?? serverNoise(python.server);
      if (noisy !== null) return { skipped: noisy };
      const p50 = quantile(engine.errors, 0.5);
      return {
        step_p50_ms_1000: p50,
        step_p99_ms_1000: quantile(engine.errors, 0.99),
        step_p50_vs_aiohttp: p50 / python.result.late_p50_ms,
      };
    },
  };
}

/** 500 × 50 tokens a second: CPU an event, as a multiple of the C client's. */
export function cpuPerEvent({ quick }) {
  const load = { connections: 500, requests: quick ? 750 : 1500, maxTokens: 128, stagger: true };
  return {
    name: 'cpu per event',
    want: quick ? 1 : 5,
    async run() {
      const cost = {};
      for (const name of ['c', 'engine']) {
        const { result, server } = await withServer(paced(50), (port) =>
          runClient(clients[name](port, workload(load))),
        );
        const noisy = serverNoise(server);
        if (noisy !== null) return { skipped: noisy };
        cost[name] = (result.cpu_s / result.events) * 1e6;
      }
      return {
        cpu_us_per_event: cost.engine,
        cpu_us_per_event_c: cost.c,
        cpu_per_event_vs_c: cost.engine / cost.c,
      };
    },
  };
}

/** Open loop at 10,000 sends a second of one-token answers: sent - due of every request. */
export function sendLateness({ quick }) {
  const load = { connections: 1000, requests: quick ? 20_000 : 50_000, maxTokens: 1 };
  return {
    name: 'send lateness',
    want: quick ? 1 : 5,
    async run() {
      const { result, server } = await withServer([], (port) =>
        runClient([...clients.engine(port, workload(load)), '--rate', '10000']),
      );
      const noisy = serverNoise(server);
      if (noisy !== null) return { skipped: noisy };
      return {
        send_lateness_p50_ms_10k: result.send_late_p50_ms,
        send_lateness_p99_ms_10k: result.send_late_p99_ms,
        send_10k_core_share: result.cpu_s / result.wall_s,
      };
    },
  };
}

/** 8,000 streams held for a minute: every request and token must be accounted for. */
export function heldStreams({ scratch }) {
  const load = { connections: 8000, requests: 16_000, maxTokens: 300 };
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
export function memoryPerStream({ quick }) {
  const few = 100;
  const many = 8000;
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
