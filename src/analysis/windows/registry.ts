/** The window rules. A new one: one file here, one line below. */
import { stableAutomatic } from './stable-automatic.ts';
import { stableDocument } from './stable-document.ts';
import { stableUpstream } from './stable-upstream.ts';
import { stableUpstreamRelease } from './stable-upstream-release.ts';
import { total } from './total.ts';
import type { WindowRule } from './window.ts';

/** How a steady stage is found, under the name that a summarizer config gives as its `rule`. */
export const stageRules = {
  document: stableDocument,
  upstream: stableUpstream,
  'upstream-3.1': stableUpstreamRelease,
  automatic: stableAutomatic,
} as const satisfies Record<string, WindowRule>;

export type StageRule = keyof typeof stageRules;

export const stageRuleNames = Object.keys(stageRules) as StageRule[];

/** The rule behind a summarizer's `window` and `rule`; `total` has only one. */
export function windowRuleOf(window: 'total' | 'stable_stage', rule: StageRule): WindowRule {
  return window === 'total' ? total : stageRules[rule];
}
