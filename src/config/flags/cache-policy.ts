/** `--cache`: what of a prompt a service's prefix cache may find. */
import type { CacheUse } from '../../core/run.ts';

export type CachePolicy = CacheUse['policy'];

/** Prompts that were made up for a length are fresh ones unless something else is asked for; texts stay as they are. */
export function policyOf(asked: CachePolicy | null, datasetType: string): CachePolicy {
  return asked ?? (datasetType === 'synthetic' ? 'fresh' : 'as-is');
}

/** Every measured request begins with a salt. */
export const isSalted = (policy: CachePolicy): boolean => policy !== 'as-is';
