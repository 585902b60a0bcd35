/** The window rules. A new one: one file here, one line below. */
import { stableAutomatic } from './stable-automatic.ts';
import { stableDocument } from './stable-document.ts';
import { stableUpstream } from './stable-upstream.ts';
import { total } from './total.ts';
import type { WindowRule } from './window.ts';

export const windows = {
  total,
  stable_document: stableDocument,
  stable_upstream: stableUpstream,
  stable_automatic: stableAutomatic,
} as const satisfies Record<string, WindowRule>;

export type WindowName = keyof typeof windows;

/** How a steady stage is found. */
export type StageRule = 'document' | 'upstream' | 'automatic';

/** The rule behind a summarizer's `window` and `rule`; `total` has only one. */
export function windowNameOf(window: 'total' | 'stable_stage', rule: StageRule): WindowName {
  return window === 'total' ? 'total' : `stable_${rule}`;
}
