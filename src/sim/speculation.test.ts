import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { countDraft, createSpeculation, noDrafts } from './speculation.ts';

function speculate(acceptance: number, tokens: number) {
  const law = { draftTokens: 3, acceptance };
  const counts = noDrafts(law);
  const token = createSpeculation(law, seededRandom(1, 'test'));
  for (let i = 0; i < tokens; i++) {
    const held = token();
    if (held !== null) countDraft(counts, held);
  }
  return counts;
}

describe('speculation', () => {
  it('drafts after the first token: one for each token when no guess holds, one for four when all three do', () => {
    expect(speculate(0.5, 1)).toEqual({ drafts: 0, acceptedAt: [0, 0, 0] });
    expect(speculate(0, 9)).toEqual({ drafts: 8, acceptedAt: [0, 0, 0] });
    expect(speculate(1, 9)).toEqual({ drafts: 2, acceptedAt: [2, 2, 2] });
  });

  it('a guess counts only after those before it: p, p² and p³ of the drafts', () => {
    const { drafts, acceptedAt } = speculate(0.7, 40_000);
    for (const [at, n] of acceptedAt.entries()) expect(n / drafts).toBeCloseTo(0.7 ** (at + 1), 1.7);
  });
});
