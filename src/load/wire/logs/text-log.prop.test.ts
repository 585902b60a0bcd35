import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendParsed, appendText, newTextLog } from './text-log.ts';

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  // Around the length from which texts are copied in another way.
  fc.string({ minLength: 45, maxLength: 52 }),
  fc.constantFrom('', '"', '\\', '\u0000', '\u001f', ' ', '\u007f', '\u0080', 'é', '\ud800', '😀'),
);

describe('appendParsed', () => {
  it('keeps any texts one behind another, as one JSON text', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const log = newTextLog();
        for (const text of texts) appendParsed(log, text);
        expect(JSON.parse(`"${log.bytes.toString('utf8', 0, log.length)}"`)).toBe(texts.join(''));
      }),
    );
  });

  it('writes what a service would have written that escapes no more than it must', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        const [parsed, raw] = [newTextLog(), newTextLog()];
        const said = Buffer.from(JSON.stringify(text));
        appendParsed(parsed, text);
        appendText(raw, said, 1, said.length - 1);
        expect(parsed.bytes.toString('utf8', 0, parsed.length)).toBe(
          raw.bytes.toString('utf8', 0, raw.length),
        );
      }),
    );
  });
});
