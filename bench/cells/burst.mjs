// A service with a backlog: everything as fast as it goes. Events (tokens) per CPU second of the client process.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { servedRequests, truthOf } from '../lateness.mjs';
import { ours, oursWithoutText } from '../peers/ours.mjs';
import { clients, cpuBetween, runClient, runWatched, withServer, workload } from '../processes.mjs';

const STREAMS = 64;

/** Runs each client against a service of its own; the order turns round from window to window. */
async function sideBySide(window, server, entries) {
  const order = window % 2 === 0 ? entries : [...entries].reverse();
  const results = {};
  for (const [name, command, load] of order) {
    const { result } = await withServer(server, (port) => runClient(command(port, workload(load))));
    results[name] = result;
  }
  return results;
}

const perCpuS = (result, what) => result[what] / result.cpu_s;

/** 16 events a write. The engine records as the whole tool does: journal and health included. */
export function burst({ quick, aiohttp, journal, sized }) {
  const load = (requests) => ({ connections: STREAMS, requests, maxTokens: 200 });
  const many = sized(quick ? 15_000 : 40_000);
  return {
    name: 'burst',
    want: quick ? 1 : 5,
    async run(window) {
      const entries = [
        ['c', clients.c, load(many)],
        ['engine', (port, words) => [...clients.engine(port, words), '--journal', journal], load(many)],
      ];
      if (aiohttp !== null) entries.push(['aiohttp', aiohttp, load(many / 20)]);
      if (!quick)
        entries.push([
          'verify',
          (port, words) => [...clients.engine(port, words), '--verify'],
          load(many / 5),
        ]);
      const { c, engine, verify, aiohttp: python } = await sideBySide(window, ['--per-write', '16'], entries);
      const rate = perCpuS(engine, 'tokens');
      return {
        burst_events_per_cpu_s: rate,
        burst_c_events_per_cpu_s: perCpuS(c, 'tokens'),
        burst_vs_c: rate / perCpuS(c, 'tokens'),
        burst_c_vs_aiohttp: python && perCpuS(c, 'tokens') / perCpuS(python, 'tokens'),
        burst_vs_aiohttp: python && rate / perCpuS(python, 'tokens'),
        burst_verify_vs_aiohttp: python && verify && perCpuS(verify, 'tokens') / perCpuS(python, 'tokens'),
      };
    },
  };
}

/** Answers of one token: requests per CPU second. */
export function shortAnswers({ quick, aiohttp, sized }) {
  const load = (requests) => ({ connections: STREAMS, requests, maxTokens: 1 });
  const many = sized(quick ? 60_000 : 200_000);
  return {
    name: 'short answers',
    want: quick ? 1 : 5,
    async run(window) {
      const entries = [
        ['engine', clients.engine, load(many)],
        ['c', clients.c, load(many)],
      ];
      if (aiohttp !== null) entries.push(['aiohttp', aiohttp, load(many / 40)]);
      const { c, engine, aiohttp: python } = await sideBySide(window, [], entries);
      const rate = perCpuS(engine, 'requests');
      return {
        requests_per_cpu_s: rate,
        requests_per_s_vs_c: rate / perCpuS(c, 'requests'),
        requests_c_vs_aiohttp: python && perCpuS(c, 'requests') / perCpuS(python, 'requests'),
        requests_per_s_vs_aiohttp: python && rate / perCpuS(python, 'requests'),
      };
    },
  };
}

/** Every event parsed, so that the client is what limits; nobody is pinned, the service needs little. */
export function twoWorkers({ quick, sized }) {
  return {
    name: 'two workers',
    want: quick ? 1 : 5,
    async run(window) {
      const load = { connections: STREAMS, requests: sized(quick ? 6000 : 20_000), maxTokens: 200 };
      const rates = {};
      for (const workers of window % 2 === 0 ? [1, 2] : [2, 1]) {
        const command = (port) => [
          ...clients.engine(port, workload(load)),
          '--verify',
          '--workers',
          String(workers),
        ];
        const { result } = await withServer(
          ['--per-write', '64'],
          (port) => runClient(command(port), null),
          null,
        );
        rates[workers] = result.tokens / result.wall_s;
      }
      return { two_worker_scaling: rates[2] / rates[1] };
    },
  };
}

/** The command line itself, all its threads: CPU between the first request and the last token. */
export function wholeTool({ scratch, sized }) {
  const load = { connections: STREAMS, requests: sized(20_000), maxTokens: 200, prompt: 'x'.repeat(128) };
  return {
    name: 'whole tool',
    want: 3,
    async run() {
      const { result: c } = await withServer(['--per-write', '16'], (port) =>
        runClient(clients.c(port, workload({ ...load, requests: 2 * load.requests }))),
      );
      const ofTool = async (tool) => {
        const dir = mkdtempSync(join(scratch, 'tool-'));
        const truth = join(dir, 'truth.bin');
        const { result: run } = await withServer(['--per-write', '16', '--truth', truth], (port) =>
          runWatched(tool.command({ port, dir, load }).command, { cwd: dir }),
        );
        if (run.code !== 0) throw new Error(`the tool ended with exit code ${run.code}`);
        const { tokens, fromNs, toNs } = truthOf(servedRequests(truth, load.requests));
        rmSync(dir, { recursive: true });
        return tokens / cpuBetween(run, fromNs, toNs);
      };
      const bare = await ofTool(oursWithoutText);
      const full = await ofTool(ours);
      return {
        tool_events_per_cpu_s: full,
        tool_vs_c: full / perCpuS(c, 'tokens'),
        tool_without_text_events_per_cpu_s: bare,
        tool_without_text_vs_c: bare / perCpuS(c, 'tokens'),
      };
    },
  };
}
