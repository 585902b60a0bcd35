/** The window rules. A new one: one file here, one line below. */
import { stableDocument } from './stable-document.ts';
import { stableUpstream } from './stable-upstream.ts';
import { total } from './total.ts';
import type { WindowRule } from './window.ts';

export const windows = {
  total,
  stable_document: stableDocument,
  stable_upstream: stableUpstream,
} as const satisfies Record<string, WindowRule>;

export type WindowName = keyof typeof windows;

/** The rule behind a summarizer's `window` and `rule`; `total` has only one. */
export function windowNameOf(window: 'total' | 'stable_stage', rule: 'document' | 'upstream'): WindowName {
  return window === 'total' ? 'total' : `stable_${rule}`;
}
