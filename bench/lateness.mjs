// Stamp error: what a client recorded against what the service knows it wrote, token by token.
import { readFileSync } from 'node:fs';

/** Layout of both files: u32 request, u32 tokens, u64 ns (received or sent), then u64 ns a token. */
function readRecords(path) {
  const bytes = readFileSync(path);
  const records = new Map();
  for (let at = 0; at + 16 <= bytes.length; ) {
    const tokens = bytes.readUInt32LE(at + 4);
    records.set(bytes.readUInt32LE(at), {
      bytes,
      headNs: bytes.readBigUInt64LE(at + 8),
      from: at + 16,
      tokens,
    });
    at += 16 + tokens * 8;
  }
  return records;
}

/**
 * Errors in ms (sorted) of the tokens that were written before the last request was sent: behind it there
 * are fewer and fewer streams. `lost` counts tokens that only one side knows of.
 */
export function stampErrors(truthPath, stampsPath) {
  const truth = readRecords(truthPath);
  const seen = readRecords(stampsPath);
  let untilNs = 0n;
  for (const { headNs } of seen.values()) if (headNs > untilNs) untilNs = headNs;
  const errors = [];
  let lost = 0;
  for (const [request, one] of truth) {
    const other = seen.get(request);
    lost += Math.abs(one.tokens - (other?.tokens ?? 0));
    if (other === undefined) continue;
    for (let i = 0; i < Math.min(one.tokens, other.tokens); i++) {
      const written = one.bytes.readBigUInt64LE(one.from + i * 8);
      if (written > untilNs) break;
      errors.push(Number(other.bytes.readBigUInt64LE(other.from + i * 8) - written) / 1e6);
    }
  }
  return { errors: Float64Array.from(errors).sort(), lost };
}

/**
 * What the service knows of the last `requests` requests it answered (a tool may send some more beforehand, to see
 * whether it is there), in the order they came: tokens, moments in ns of the monotonic clock, and TTFT.
 */
export function servedRequests(path, requests) {
  const bytes = readFileSync(path);
  const all = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const tokens = bytes.readUInt32LE(at + 4);
    const stamp = (i) => bytes.readBigUInt64LE(at + 8 + i * 8);
    const [receivedNs, firstNs, lastNs] = [stamp(0), stamp(1), stamp(tokens)];
    all.push({ tokens, receivedNs, firstNs, lastNs, ttftMs: Number(firstNs - receivedNs) / 1e6 });
    at += 16 + tokens * 8;
  }
  all.sort((a, b) => (a.receivedNs < b.receivedNs ? -1 : 1));
  return all.slice(-requests);
}

/** Means and p99 in ms, output tokens, and when these requests began and ended, ns. */
export function truthOf(served) {
  const fromNs = served[0].receivedNs;
  let toNs = 0n;
  for (const { lastNs } of served) if (lastNs > toNs) toNs = lastNs;
  const tokens = served.reduce((sum, r) => sum + r.tokens, 0);
  const ttft = Float64Array.from(served, (r) => r.ttftMs).sort();
  const gapsMs = served.reduce((sum, r) => sum + Number(r.lastNs - r.firstNs) / 1e6, 0);
  return {
    fromNs,
    toNs,
    tokens,
    wallS: Number(toNs - fromNs) / 1e9,
    ttftMeanMs: ttft.reduce((sum, ms) => sum + ms, 0) / ttft.length,
    ttftP99Ms: quantile(ttft, 0.99),
    itlMeanMs: gapsMs / (tokens - served.length),
  };
}

export function quantile(sorted, q) {
  return sorted.length === 0
    ? Number.NaN
    : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
