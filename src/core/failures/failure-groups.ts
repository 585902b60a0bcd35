/** Failures counted by kind, status and message. Bounded, however many differ. */

import { outcomes, type RecordBatch } from '../records.ts';
import type { HintContext } from './failure-hints.ts';
import { type FailureFacts, type FailureWords, failureWords } from './failure-words.ts';

export interface FailureGroup extends FailureWords {
  outcome: string;
  status: number;
  /** Attempts of this kind; summary and message are those of the first one. */
  count: number;
}

export interface FailureGroups {
  add(facts: FailureFacts): void;
  /** The most frequent first. */
  list(): FailureGroup[];
  /** Attempts whose kind was one too many to be kept. */
  readonly others: number;
}

const MAX_GROUPS = 20;
/** Kinds that differ in words alone are looked up by the texts as they came. */
const MAX_KNOWN = 200;

export function createFailureGroups(context: HintContext = {}): FailureGroups {
  const groups = new Map<string, FailureGroup>();
  const known = new Map<string, FailureGroup>();
  let others = 0;
  return {
    add(facts) {
      const raw = `${facts.outcome} ${facts.status} ${facts.cause} ${facts.body ?? ''}`;
      const group = known.get(raw) ?? groupOf(facts);
      if (group === null) {
        others++;
        return;
      }
      if (known.size < MAX_KNOWN) known.set(raw, group);
      group.count++;
    },
    list: () => [...groups.values()].sort((a, b) => b.count - a.count),
    get others() {
      return others;
    },
  };

  function groupOf(facts: FailureFacts): FailureGroup | null {
    const words = failureWords(facts, context);
    const key = `${facts.outcome} ${facts.status} ${sameWords(`${words.summary}\n${words.message}`)}`;
    const found = groups.get(key);
    if (found) return found;
    if (groups.size >= MAX_GROUPS) return null;
    const group = { ...words, outcome: facts.outcome, status: facts.status, count: 0 };
    groups.set(key, group);
    return group;
  }
}

/** Adds every attempt of a batch that did not end well. */
export function addFailures(groups: FailureGroups, batch: RecordBatch): void {
  const notes = new Map(batch.notes.map((note) => [note.row, note]));
  for (let row = 0; row < batch.rows; row++) {
    const outcome = outcomes[batch.outcome[row]];
    if (outcome === 'ok') continue;
    const { cause = 'no further reason', errorBody, ...rest } = notes.get(row) ?? { row };
    groups.add({ ...rest, outcome, status: batch.status[row], cause, body: errorBody });
  }
}

/** Numbers, and names that hold digits, differ from request to request. */
function sameWords(text: string): string {
  return text.replace(/[\w.-]*\d[\w.-]*/g, '#');
}
