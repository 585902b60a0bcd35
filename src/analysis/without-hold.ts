/**
 * The part of a run that was asked for. A hold sends further requests so that the last ones asked for do not see the
 * load go down; to the steady figures those are load, to whole-run definitions and the document's tables they never were.
 */
import { heldTest, type RowTest } from '../core/held.ts';
import { emptyBatch, eventColumns, type RecordBatch, rowColumns } from '../core/records.ts';
import type { RecordedRun } from '../core/run.ts';

/** The same run when nothing was held. Each pass over `batches` reads the run once more to know which rows are left out. */
export function withoutHold(run: RecordedRun): RecordedRun {
  const isHeld = heldTest(run);
  if (isHeld === null) return run;
  return {
    ...run,
    *batches(needed) {
      for (const batch of run.batches(needed && ofAllRows(run, isHeld, needed))) {
        const rows = keptRows(batch, isHeld);
        if (rows.length === batch.rows) yield batch;
        else if (rows.length > 0) yield partOf(batch, rows);
      }
    },
  };
}

function keptRows(batch: RecordBatch, isHeld: RowTest): number[] {
  const rows: number[] = [];
  for (let row = 0; row < batch.rows; row++) if (!isHeld(batch, row)) rows.push(row);
  return rows;
}

/** `needed` counts the rows that are left; the run's own batches count all. */
function ofAllRows(run: RecordedRun, isHeld: RowTest, needed: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let left = 0;
  let length = 0;
  for (const batch of run.batches(new Uint8Array(0))) {
    const part = new Uint8Array(batch.rows);
    for (let row = 0; row < batch.rows; row++) if (!isHeld(batch, row)) part[row] = needed[left++];
    parts.push(part);
    length += part.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

type EventColumn = keyof typeof eventColumns | 'eventTokens';

/** The rows of a batch, ascending, as a batch. A batch that was read without its events stays without them. */
function partOf(batch: RecordBatch, rows: readonly number[]): RecordBatch {
  const { eventStart } = batch;
  const events = rows.reduce((sum, row) => sum + eventStart[row + 1] - eventStart[row], 0);
  const part = emptyBatch(rows.length, events);
  const eventNames = Object.keys(eventColumns) as EventColumn[];
  if (batch.eventTokens.length > 0) {
    part.eventTokens = new Uint16Array(events);
    eventNames.push('eventTokens');
  }
  const names = Object.keys(rowColumns) as (keyof typeof rowColumns)[];
  rows.forEach((row, at) => {
    for (const name of names) part[name][at] = batch[name][row];
    const from = part.eventStart[at];
    part.eventStart[at + 1] = from + eventStart[row + 1] - eventStart[row];
    for (const name of eventNames)
      part[name].set(batch[name].subarray(eventStart[row], eventStart[row + 1]), from);
  });
  const at = new Map(rows.map((row, index) => [row, index]));
  part.notes = batch.notes.flatMap((note) => {
    const row = at.get(note.row);
    return row === undefined ? [] : { ...note, row };
  });
  return part;
}
