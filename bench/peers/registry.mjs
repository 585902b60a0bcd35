// Every tool that is compared, and the choice among them.
import { aiperf } from './aiperf.mjs';
import { aisbench } from './aisbench.mjs';
import { evalscope } from './evalscope.mjs';
import { guidellm } from './guidellm.mjs';
import { ours, oursWithoutText } from './ours.mjs';
import { vllm } from './vllm.mjs';

/**
 * A tool: `key` (for --only and its environment), `name`, `packages` to install (null: none), `speed` (how many times
 * the requests of a saturation run it gets, so that all run for a similar time), `command` (the line that runs a
 * load), `report` (what it says of the run) and `requestTimes` (`[startS, ttftMs]` of each request, from its files).
 */
export const tools = [ours, oursWithoutText, aiperf, guidellm, evalscope, vllm, aisbench];

/** Those of `all` that a comma-separated list names; all without one. Throws when a name is unknown. */
export function chosen(all, list, nameOf) {
  if (list === undefined) return all;
  const wanted = list.split(',').map((name) => name.trim().toLowerCase());
  const known = all.map((one) => nameOf(one).toLowerCase());
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return all.filter((_, i) => wanted.includes(known[i]));
}
