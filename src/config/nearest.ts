/** "Did you mean": the known names that a mistyped one may stand for. */

/** Worse than this share of wrong characters is another word, not a typing mistake. */
const MAX_WRONG = 0.4;
/** Shorter parts occur in too many names. */
const MIN_PART = 4;

/** Up to `most` candidates near `name`, nearest first; letter case and `-` against `_` do not count. */
export function nearest(name: string, candidates: readonly string[], most = 1): string[] {
  const wanted = normalize(name);
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, score: score(wanted, normalize(candidate)) }))
    .filter((c) => c.score <= MAX_WRONG)
    .sort((a, b) => a.score - b.score || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map((c) => c.candidate);
}

/** ` (did you mean "x"?)`, or nothing when no candidate is near. */
export function didYouMean(name: string, candidates: readonly string[], most = 1): string {
  const near = nearest(name, candidates, most).map((n) => `"${n}"`);
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
}

function normalize(text: string): string {
  return text.toLowerCase().replaceAll('-', '_');
}

/** 0: equal; up to 1: nothing in common. The beginning or a part of a longer name is just near enough. */
function score(a: string, b: string): number {
  const share = editDistance(a, b) / Math.max(a.length, b.length, 1);
  if (a.length < MIN_PART || share <= MAX_WRONG) return share;
  const beginsLike = editDistance(a, b.slice(0, a.length)) <= a.length / MIN_PART;
  return beginsLike || b.includes(a) ? MAX_WRONG : share;
}

/** Insertions, deletions, replacements and swaps of neighbors (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(row[j - 1] + 1, previous[j] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    before = previous;
    previous = row;
  }
  return previous[b.length];
}
