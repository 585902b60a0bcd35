/** What the reader of a run's numbers must know of how its records were kept; none for a run that ended well. */
import type { StoredRun } from '../../store/store.ts';

export function storageWarnings({ end, lost, rows, doubts }: StoredRun): string[] {
  const warnings = [...doubts];
  if (end === null && lost?.reason !== 'corrupt')
    warnings.push(`The run was killed before its end; ${rows} finished requests were recorded.`);
  if (lost?.reason === 'corrupt') {
    const behind =
      lost.rows > 0
        ? ` At least ${lost.rows} requests that are whole behind the damage were left out, too.`
        : '';
    warnings.push(
      `The records are damaged: their last ${lost.bytes} bytes were left out, and the figures are those of the ${rows} requests before them.${behind}`,
    );
  }
  return warnings;
}
