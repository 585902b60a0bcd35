/** How generation options rename and drop the fields that a request has by default. */

import type { JsonObject } from '../core/json-object.ts';
import type { Sample, Target } from '../core/protocol.ts';

/** The names under which services take the most tokens to generate. */
const limitNames = ['max_completion_tokens', 'max_tokens', 'max_new_tokens', 'max_output_tokens'] as const;
type LimitName = (typeof limitNames)[number];

/** `fields` without those that a generation option of null takes out. */
export function withoutDropped(fields: JsonObject, { generation }: Target): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => generation[key] !== null));
}

/**
 * The field for the most tokens to generate, `own` by default: a generation option of another such name replaces
 * it, one of null drops it. A row's own limit wins over the option's number.
 */
export function limitField(sample: Sample, target: Target, own: LimitName): JsonObject {
  const { generation } = target;
  const other = limitNames.find((name) => name !== own && generation[name] != null);
  if (other !== undefined) return { [other]: sample.maxOutTokens || generation[other] };
  return generation[own] === null ? {} : { [own]: sample.maxOutTokens || target.maxOutTokens };
}

/** Most tokens that this request may generate; undefined when it says no limit. */
export function outTokenLimit(sample: Sample, target: Target): number | undefined {
  const own = limitNames.find((name) => name in target.generation && target.generation[name] === null);
  const [limit] = Object.values(limitField(sample, target, own ?? 'max_tokens'));
  return typeof limit === 'number' ? limit : undefined;
}
