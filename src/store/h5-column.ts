/** One growing column of an HDF5 file, written in whole chunks. */
import type { StoredColumn } from './h5-layout.ts';
import type { Dataset, File, Group } from './hdf5.ts';

export type Values = Uint8Array | Uint16Array | Uint32Array | BigUint64Array | Float64Array;
type ValuesType = { name: string } & (new (length: number) => Values);

export interface ColumnWriter {
  append(values: Values): void;
  /** Writes what is left. The file stays open. */
  close(): void;
}

const dtypes = {
  Uint8Array: '<B',
  Uint16Array: '<H',
  Uint32Array: '<I',
  BigUint64Array: '<Q',
  Float64Array: '<d',
} as const satisfies Record<string, string>;

const ROWS_PER_CHUNK = 8192;
const EVENTS_PER_CHUNK = 16384;
/** The library keeps no chunk between two calls, so each call writes several whole ones. */
const CHUNKS_PER_WRITE = 16;

const gzip = { compression: 'gzip', compression_opts: 1 } as const;
/**
 * HDF5's scale-offset filter for integers, lossless: as many bits per value as the chunk's range
 * needs. On realistic gaps it writes 7 times and reads 3 times as fast as gzip and is no bigger.
 */
const scaleOffset = { compression: 6, compression_opts: [2, 0] };

/** Creates an empty column; `integers` are columns with many different values. */
export function createColumn(
  file: File,
  column: StoredColumn,
  type: ValuesType,
  kind: 'rows' | 'events' | 'integers',
): ColumnWriter {
  const chunk = kind === 'rows' ? ROWS_PER_CHUNK : EVENTS_PER_CHUNK;
  const dataset = createDataset(file, column, type, {
    chunk,
    filter: kind === 'integers' ? scaleOffset : gzip,
  });
  const pending = new type(chunk * CHUNKS_PER_WRITE);
  let filled = 0;
  let written = 0;

  const flush = () => {
    if (filled === 0) return;
    dataset.resize([written + filled]);
    dataset.write_slice([[written, written + filled]], pending.subarray(0, filled));
    written += filled;
    filled = 0;
  };
  return {
    append(values) {
      for (let done = 0; done < values.length; ) {
        const count = Math.min(values.length - done, pending.length - filled);
        pending.set(values.subarray(done, done + count) as never, filled);
        filled += count;
        done += count;
        if (filled === pending.length) flush();
      }
    },
    close: flush,
  };
}

function createDataset(
  file: File,
  column: StoredColumn,
  type: ValuesType,
  { chunk, filter }: { chunk: number; filter: typeof gzip | typeof scaleOffset },
): Dataset {
  const [, group, name] = column.path.split('/');
  const dataset = (file.get(group) as Group).create_dataset({
    name,
    data: new type(0),
    shape: [0],
    maxshape: [null],
    chunks: [chunk],
    dtype: dtypes[type.name as keyof typeof dtypes],
    ...filter,
  });
  dataset.create_attribute('units', column.units);
  dataset.create_attribute('description', column.description);
  return dataset;
}
