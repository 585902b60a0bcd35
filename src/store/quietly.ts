/** For files that nobody must miss: what the disk refuses them it refuses the journal, too, which tells of it. */
export function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Told elsewhere.
  }
}
