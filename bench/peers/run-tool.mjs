// One run of one tool against the reference service, and what came of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servedRequests, truthOf } from '../lateness.mjs';
import { cpuBetween, noise, runWatched, withServer } from '../processes.mjs';

/** Some tools take most of a minute before they send anything. */
const RUN_S = 240;
const PROMPT = 'Tell me about the history of bridges, and what makes some of them last. '.repeat(2).trim();

/**
 * Runs `tool` with `load` against a service started with `serverOptions` and hands what is needed to read the outcome
 * to `read`: the folder it worked in, the watched run, the requests that the service answered (without those that a
 * tool sends to see whether it is there), and the service's own statistics. Throws when the tool failed or left
 * requests out.
 */
async function runTool(tool, { python, serverOptions, load, say }, read) {
  const dir = mkdtempSync(join(tmpdir(), 'ais-bench-peer-'));
  try {
    const truthFile = join(dir, 'truth.bin');
    const { result: run, server } = await withServer(
      ['--plain', '--truth', truthFile, ...serverOptions],
      (port) => {
        const { command, env } = tool.command({ python, port, dir, load: { ...load, prompt: PROMPT } });
        return runWatched(command, { timeoutS: RUN_S, cwd: dir, env });
      },
    );
    say(run.output.slice(-3000));
    if (run.code !== 0) throw new Error(failureOf(run));
    if (server.responses < load.requests)
      throw new Error(`only ${server.responses} of ${load.requests} requests`);
    return read({ dir, run, served: servedRequests(truthFile, load.requests), server });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function failureOf({ code, output, wallS }) {
  if (code === -1 && wallS >= RUN_S) return `not done after ${RUN_S} s`;
  const lines = output.split('\n').filter((line) => /error|exception|invalid|no such|usage/i.test(line));
  return `exit code ${code}: ${(lines.at(-1) ?? output.trim().split('\n').at(-1) ?? '').trim().slice(0, 160)}`;
}

/** What a tool reported against what was true; CPU and memory are of its whole process tree. */
export async function figuresOf(tool, python, { server: serverOptions, load, fast }, say) {
  const scaled = { ...load, requests: fast ? load.requests * tool.speed : load.requests };
  const noiseShare = await noise();
  return runTool(tool, { python, serverOptions, load: scaled, say }, ({ dir, run, served }) => {
    const reported = tool.report(dir);
    const truth = truthOf(served);
    const { tokens, wallS, fromNs, toNs } = truth;
    const sendCpuS = cpuBetween(run, fromNs, toNs);
    const { requests } = scaled;
    // Role, usage and end mark come with the tokens of each response.
    const events = tokens + 3 * requests;
    const percent = (value, true_) => ((value - true_) / true_) * 100;
    return {
      tokens_per_cpu_s: tokens / sendCpuS,
      cpu_s_per_million_events: (sendCpuS / events) * 1e6,
      tokens_per_s: tokens / wallS,
      requests_per_cpu_s: requests / sendCpuS,
      requests_per_s: requests / wallS,
      ttft_mean_ms: reported.ttftMeanMs,
      ttft_mean_error_ms: reported.ttftMeanMs - truth.ttftMeanMs,
      ttft_p99_error_ms: reported.ttftP99Ms - truth.ttftP99Ms,
      itl_mean_ms: reported.itlMeanMs,
      itl_mean_error_pct: percent(reported.itlMeanMs, truth.itlMeanMs),
      throughput_tokens_per_s: reported.tokensPerS,
      throughput_error_pct: percent(reported.tokensPerS, tokens / wallS),
      peak_memory_mb: run.peakRssMb,
      to_summary_s: Number(run.endedNs - toNs) / 1e9,
      noise_share: noiseShare,
    };
  });
}

/** The TTFTs that a tool recorded and the true ones, ms, in order of sending, and how well the service kept time. */
export function ttftsOf(tool, setting) {
  const { python, load } = setting;
  return runTool(tool, setting, ({ dir, served, server }) => {
    const times = tool.requestTimes(dir, python).sort((a, b) => a[0] - b[0]);
    if (times.length < load.requests)
      throw new Error(`it recorded ${times.length} of ${load.requests} requests`);
    return {
      reported: times.slice(-load.requests).map(([, ttftMs]) => ttftMs),
      actual: served.map((r) => r.ttftMs),
      server,
    };
  });
}
