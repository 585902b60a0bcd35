/** The tools whose logs can be imported. A new one: one file here, one line below. */
import { aisbench } from './aisbench.ts';
import type { Importer } from './imported.ts';
import { vllmBench } from './vllm-bench.ts';

export const importers = { aisbench, vllm: vllmBench } as const satisfies Record<string, Importer>;

export type ImporterName = keyof typeof importers;
