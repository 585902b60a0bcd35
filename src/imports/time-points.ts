/** The time points that AISBench keeps in sqlite, one numpy array a request. */
import { badImport, bytesOf } from './file-errors.ts';
import { decodeVector } from './npy.ts';

/** By the id that the details refer to. `UserError` for a file that is missing, broken or cut. The library is loaded when it is needed. */
export async function readTimePoints(path: string): Promise<Map<number, Float64Array>> {
  const { default: initSqlJs } = await import('sql.js/dist/sql-wasm-inline.js');
  const { Database } = await initSqlJs();
  const points = new Map<number, Float64Array>();
  let id: unknown = null;
  let close = () => {};
  try {
    const db = new Database(bytesOf(path));
    close = () => db.close();
    checkPages(db);
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

/** A damaged file could have a table whose pages lead back to each other, through which one would read for ever. */
function checkPages(db: { prepare(sql: string): { step(): boolean; get(): unknown[]; free(): void } }): void {
  const check = db.prepare('PRAGMA quick_check(1)');
  const [found] = check.step() ? check.get() : ['nothing'];
  check.free();
  if (found !== 'ok') throw new Error(`it is damaged: ${found}`);
}
