/** What the reader of a run's numbers must know of how its records were kept; none for a run that ended well. */
import type { StoredRun } from '../../store/store.ts';

export function storageWarnings({ end, lost, rows, doubts }: StoredRun): string[] {
  const warnings = [...doubts];
  if (end === null && lost?.reason !== 'corrupt')
    warnings.push(`The run was killed before it ended; ${rows} finished requests were recorded.`);
  if (lost?.reason === 'corrupt') {
    const behind =
      lost.rows > 0 ? ` At least ${lost.rows} intact requests after the damage are left out, too.` : '';
    warnings.push(
      `The records are damaged: the last ${lost.bytes} bytes are left out, and the figures cover the ${rows} requests before them.${behind}`,
    );
  }
  return warnings;
}
