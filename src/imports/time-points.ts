/** The time points that AISBench keeps in sqlite, one numpy array a request. */
import { readFileSync } from 'node:fs';
import { badImport } from './file-errors.ts';
import { decodeVector } from './npy.ts';

/** By the id that the details refer to. `UserError` for a file that is missing, broken or cut. The library is loaded when it is needed. */
export async function readTimePoints(path: string): Promise<Map<number, Float64Array>> {
  const { default: initSqlJs } = await import('sql.js/dist/sql-wasm-inline.js');
  const { Database } = await initSqlJs();
  const points = new Map<number, Float64Array>();
  let id: unknown = null;
  let close = () => {};
  try {
    const db = new Database(readFileSync(path));
    close = () => db.close();
    const rows = db.prepare('SELECT id, arr_blob FROM numpy_store');
    while (rows.step()) {
      const [rowId, blob] = rows.get();
      id = rowId;
      points.set(Number(rowId), decodeVector(blob as Uint8Array));
    }
    rows.free();
  } catch (error) {
    const place = id === null ? '' : `around array ${id}: `;
    throw badImport(
      path,
      `${place}${(error as Error).message}`,
      'It should be the sqlite file that AISBench keeps in db_data/.',
    );
  } finally {
    close();
  }
  return points;
}
