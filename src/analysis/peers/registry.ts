/** The tools whose definitions are known. A new one: one file here, one line below. The first is what the others are compared with. */
import { aiperf } from './aiperf.ts';
import { aisbench } from './aisbench.ts';
import { aisbenchStable } from './aisbench-stable.ts';
import { document } from './document.ts';
import { documentStable } from './document-stable.ts';
import { evalscope } from './evalscope.ts';
import { guidellm } from './guidellm.ts';
import { inferencePerf } from './inference-perf.ts';
import type { Peer } from './peer.ts';
import { sglang } from './sglang.ts';
import { sglangSteady } from './sglang-steady.ts';
import { vllmBench } from './vllm-bench.ts';

export const peers = {
  document,
  documentStable,
  aisbench,
  aisbenchStable,
  vllmBench,
  sglang,
  sglangSteady,
  guidellm,
  aiperf,
  evalscope,
  inferencePerf,
} as const satisfies Record<string, Peer>;
