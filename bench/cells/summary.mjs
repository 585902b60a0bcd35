// Summaries at scale: a recorded run of R requests x T tokens, then `perf_viz` on it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, programs } from '../build.mjs';
import { runClient, runWatched } from '../processes.mjs';

const sizes = {
  '250k': { requests: 250_000, tokens: 4096 },
  '1m': { requests: 1_000_000, tokens: 100 },
};

export function summaryAtScale({ scratch, sized }, label) {
  const { requests, tokens } = sizes[label];
  const dir = join(scratch, `scale-${label}`);
  return {
    name: `summary ${label}`,
    want: 1,
    async run() {
      mkdirSync(dir, { recursive: true });
      try {
        const words = ['--requests', String(sized(requests)), '--tokens', String(tokens), '--work-dir', dir];
        const written = await runClient([process.execPath, programs.generate, ...words], null, 600);
        const viz = ['--mode', 'perf_viz', '--summarizer', 'stable_stage', '--work-dir', dir, '--reuse'];
        const { code, output, wallS, peakRssMb } = await runWatched([process.execPath, bin, ...viz], {
          core: null,
          timeoutS: 600,
        });
        if (code !== 0) return { skipped: `perf_viz ended with exit code ${code}: ${output.slice(-300)}` };
        return {
          [`summary_s_${label}`]: wallS,
          [`summary_rss_mb_${label}`]: peakRssMb,
          [`details_gb_${label}`]: written.bytes / 1e9,
        };
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}
