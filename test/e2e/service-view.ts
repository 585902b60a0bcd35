/** The simulated service's own record of a run, in the client's time. */
import { OUTCOME } from '../../src/core/records.ts';
import type { TruthRequest } from '../../src/sim/truth.ts';
import { readRun } from '../../src/store/store.ts';

export interface ServiceView {
  /** What the client recorded; no warm-ups. */
  requests: TruthRequest[];
  /** Output tokens per second between two moments of the run, all requests counted. */
  tokensPerS(window: { start_s: number; end_s: number }): number;
}

/** `folder`, `data`: where the run's records are; `truth`: all requests that the service saw since its record was reset. */
export async function serviceView(folder: string, data: string, truth: TruthRequest[]): Promise<ServiceView> {
  const byId = new Map(truth.map((request) => [request.id, request]));
  const requests: TruthRequest[] = [];
  // The smallest delay from sending to arrival is none: so far is the service's time 0 from the run's start.
  let startMs = Number.POSITIVE_INFINITY;
  for (const batch of (await readRun(folder, data)).batches()) {
    for (const { row, responseId } of batch.notes) {
      const request = byId.get(responseId ?? '');
      if (!request || batch.outcome[row] !== OUTCOME.ok) continue;
      requests.push(request);
      startMs = Math.min(startMs, request.arrivalNs / 1e6 - batch.sent[row]);
    }
  }
  return {
    requests,
    tokensPerS({ start_s, end_s }) {
      const [fromNs, toNs] = [start_s, end_s].map((s) => (startMs + s * 1000) * 1e6);
      let tokens = 0;
      for (const { tokenNs } of truth) for (const ns of tokenNs) if (ns > fromNs && ns <= toNs) tokens++;
      return tokens / (end_s - start_s);
    },
  };
}
