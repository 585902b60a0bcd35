// What the wire itself costs: TLS, and long requests beside running streams.
import { join } from 'node:path';
import { programs } from '../build.mjs';
import { quantile } from '../lateness.mjs';
import { clients, runClient, withService, workload } from '../processes.mjs';
import { besideC, engineErrors, paced, serverNoise, steady } from './paced.mjs';

/** Events per CPU second over TLS, and as a share of those from the same node service without it. */
export function overTls({ scratch, sized }) {
  const load = { connections: 64, requests: sized(6000), maxTokens: 200 };
  const ca = join(scratch, 'ca.pem');
  const rate = async (secure) => {
    const service = [process.execPath, programs.tlsServer, ca, ...(secure ? [] : ['--plain'])];
    const { result } = await withService(service, (port) => {
      const tls = secure ? ['--url', `https://127.0.0.1:${port}/`, '--ca', ca] : [];
      return runClient([...clients.engine(port, workload(load)), ...tls]);
    });
    if (result.failed > 0) throw new Error(`${result.failed} requests failed`);
    return result.tokens / result.cpu_s;
  };
  return {
    name: 'tls',
    want: 3,
    async run() {
      const plain = await rate(false);
      const tls = await rate(true);
      return { tls_events_per_cpu_s: tls, tls_vs_plain: tls / plain };
    },
  };
}

/** Some 50,000 tokens of prompt. */
const LONG_BODY_BYTES = 200_000;

/** p99 of the stamp error of 1,000 streams × 20 tokens/s whose 390 requests a second carry long prompts. */
export function longPrompts({ quick, scratch, sized }) {
  return {
    name: 'long prompts',
    want: 3,
    async run(_window, again) {
      const streams = sized(1000);
      const load = { ...steady(streams, 20), requests: 1.5 * streams };
      const c = await besideC({ quick, sized }, 'long prompts');
      if (c.skipped !== undefined && again) return c;
      const long = await engineErrors(scratch, paced(20), load, ['--body-bytes', String(LONG_BODY_BYTES)]);
      const skipped = c.skipped ?? serverNoise(long.server) ?? undefined;
      const short = await engineErrors(scratch, paced(20), load);
      return {
        ...c,
        stamp_p99_ms_long_prompts: quantile(long.errors, 0.99),
        stamp_p99_ms_short_prompts: quantile(short.errors, 0.99),
        skipped,
      };
    },
  };
}
