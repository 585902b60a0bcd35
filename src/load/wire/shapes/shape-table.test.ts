import { describe, expect, it } from 'vitest';
import { byteSource } from './read-buffer.ts';
import { learnFrom, newShapeTable } from './shape-table.ts';

const FRAME = 'data: ';

/** What is left of the table after learning from `payload`, where each decoding of a variant does `decode`. */
function learned(payload: string, decode: () => never) {
  const source = byteSource(FRAME.length + payload.length + 2);
  source.bytes.write(`${FRAME}${payload}\n\n`, 'latin1');
  const table = newShapeTable(decode);
  const lineEnd = FRAME.length + payload.length;
  const place = { start: 0, payload: FRAME.length, lineEnd, end: lineEnd + 2 };
  // A delta that cannot be compared, as one of many levels cannot.
  const delta = { text: 'a', usage: { outTokens: 1n as unknown as number } };
  learnFrom(table, source, place, delta);
  return table;
}

describe('learnFrom', () => {
  it.each([
    ['a delta that cannot be written as JSON', '{"a":"b","c":7}'],
    ['deep JSON', `{"a":${'['.repeat(3000)}"b"${']'.repeat(3000)}}`],
    ['no value at all', '{}'],
  ])('learns nothing from what it cannot handle, and does not throw: %s', (_, payload) => {
    const table = learned(
      payload,
      () => ({ ...({ text: 'zq7', usage: { outTokens: 2n } } as object) }) as never,
    );
    expect(table.shapes).toEqual([]);
    expect(table.wait).toBeGreaterThan(0);
  });
});
