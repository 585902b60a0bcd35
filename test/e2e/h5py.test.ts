import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldTest } from '../../src/core/held.ts';
import { batchOf, type PlainRecord, type RecordBatch, rowColumns } from '../../src/core/records.ts';
import { createDetailsH5 } from '../../src/store/details-h5.ts';
import { requestColumns } from '../../src/store/h5-layout.ts';
import { someEnd, someInfo } from '../../src/store/random-batch.fixture.ts';

/** Debian's own interpreter: its python3-h5py is an HDF5 reader that shares nothing with ours. */
const PYTHON = '/usr/bin/python3';

/** Prints the whole file as JSON; NaN as null. `how_to_read` is run as it stands for every row. */
const DUMP = `
import h5py, json, sys
import numpy as np
f = h5py.File(sys.argv[1], 'r')
def plain(a): return [None if x != x else x for x in a[:].tolist()]
columns, dtypes, attributes, filters = {}, {}, {}, {}
def visit(name, item):
    if not isinstance(item, h5py.Dataset): return
    columns[name], dtypes[name] = plain(item), str(item.dtype)
    attributes[name] = dict(item.attrs)
    filters[name] = [bool(item.chunks), item.compression, item.scaleoffset is not None]
f.visititems(visit)
itl, ttft = [], []
for i in range(len(f['requests/index'])):
    exec(f.attrs['how_to_read'])
    ttft.append(ttft_ms.tolist()); itl.append(itl_ms.tolist())
root = {k: v.item() if hasattr(v, 'item') else v for k, v in f.attrs.items()}
print(json.dumps(dict(columns=columns, dtypes=dtypes, attributes=attributes, filters=filters, root=root, itl=itl, ttft=ttft)))
`;

const records: PlainRecord[] = Array.from({ length: 500 }, (_, index) => ({
  index,
  worker: index % 2,
  due: index * 0.37,
  sent: index * 0.37 + 0.001,
  end: index * 0.37 + 900.125,
  inTokens: 100 + index,
  outTokens: index % 7 === 0 ? undefined : 3,
  outcome: index % 7 === 0 ? 'timeout' : 'ok',
  events:
    index % 7 === 0
      ? []
      : [
          [index * 0.37 + 100, 'role'],
          [index * 0.37 + 120.5, 'text'],
          [index * 0.37 + 140.75, 'reasoning'],
          [index * 0.37 + 140.75, 'comment'],
          [index * 0.37 + 900, 'text'],
          [index * 0.37 + 900.1, 'done'],
        ],
  note: index % 7 === 0 ? { cause: '超时 after 10 s', text: 'not stored' } : undefined,
}));

interface Dump {
  columns: Record<string, (number | null)[]>;
  dtypes: Record<string, string>;
  attributes: Record<string, Record<string, string>>;
  filters: Record<string, [boolean, string | null, boolean]>;
  root: Record<string, unknown>;
  itl: number[][];
  ttft: number[][];
}

const heldEnd = { ...someEnd, measuredMs: 100 };

describe('_details.h5 as h5py reads it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'h5py-'));
  const batches: RecordBatch[] = [batchOf(records.slice(0, 33)), batchOf([]), batchOf(records.slice(33))];
  const all = batchOf(records);
  let dump: Dump;

  beforeAll(async () => {
    const probe = spawnSync(PYTHON, ['-c', 'import h5py'], { encoding: 'utf8' });
    if (probe.status !== 0) {
      throw new Error(`this test needs h5py: apt-get install python3-h5py\n${probe.error ?? probe.stderr}`);
    }
    const path = join(dir, 'x_details.h5');
    const writer = await createDetailsH5(path, someInfo, heldEnd);
    for (const batch of batches) writer.append(batch);
    writer.close();
    dump = JSON.parse(execFileSync(PYTHON, ['-c', DUMP, path], { encoding: 'utf8' }));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('has every row column with its values, type and unit', () => {
    for (const [name, { path, units }] of Object.entries(requestColumns)) {
      const key = name as keyof typeof rowColumns;
      const column = path.slice(1);
      const expected = [...all[key]].map((value) => (Number.isNaN(value) ? null : value));
      expect(dump.columns[column], column).toEqual(expected);
      expect(dump.dtypes[column], column).toBe(rowColumns[key].name.replace('Array', '').toLowerCase());
      expect(dump.attributes[column]).toMatchObject({ units, description: expect.stringMatching(/./) });
    }
  });

  it('marks what only held the load up, as the jsonl does', () => {
    const isHeld = heldTest({ info: someInfo, end: heldEnd })!;
    const marks = Array.from({ length: all.rows }, (_, row) => Number(isHeld(all, row)));
    expect(new Set(marks)).toEqual(new Set([0, 1]));
    expect(dump.columns['requests/held']).toEqual(marks);
  });

  it('has every event, in chunks and compressed', () => {
    expect(dump.columns['events/offset']).toEqual([...all.eventStart]);
    expect(dump.columns['events/gap_us']).toEqual([...all.eventGapUs]);
    expect(dump.columns['events/kind']).toEqual([...all.eventKind]);
    expect(dump.dtypes['events/offset']).toBe('uint64');
    expect(dump.filters['events/gap_us']).toEqual([true, null, true]);
    expect(dump.filters['events/kind']).toEqual([true, 'gzip', false]);
  });

  it('tells TTFT and ITL by the recipe in its own attribute', () => {
    records.forEach(({ sent, events }, row) => {
      const output = events
        .filter(([, kind]) => kind === 'text' || kind === 'reasoning')
        .map(([ms]) => ms - sent);
      const near = (values: number[]) => values.map((value) => expect.closeTo(value, 2));
      expect(dump.ttft[row]).toEqual(near(output.slice(0, 1)));
      expect(dump.itl[row]).toEqual(near(output.slice(1).map((ms, i) => ms - output[i])));
    });
  });

  it('has the notes, and the run as attributes', () => {
    const bytes = Buffer.from(dump.columns['notes/json'] as number[]);
    const starts = dump.columns['notes/offset'] as number[];
    const note = (row: number) => bytes.toString('utf8', starts[row], starts[row + 1]);
    expect(starts.length).toBe(records.length + 1);
    expect(JSON.parse(note(7))).toEqual({ cause: '超时 after 10 s' });
    expect(note(8)).toBe('');
    expect(dump.root.format_version).toBe(2);
    expect(JSON.parse(dump.root.run_info as string)).toEqual(someInfo);
    expect(JSON.parse(dump.root.run_end as string)).toEqual(heldEnd);
  });
});
