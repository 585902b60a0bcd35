import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import createWabt from 'wabt';
import { createChunkScan } from './chunk-scan.ts';
import { CHUNK_SCAN_CODE } from './chunk-scan-code.ts';

const HEAD = '{"text":"';
const TAIL = '","more":1}';

/** What passing over `text` finds when events are expected to begin and end so. */
function pass(text: string, head = HEAD, tail = TAIL) {
  const scan = createChunkScan();
  const slot = scan.takeSlot()!;
  slot.head.length = scan.bytes.write(head, slot.head.at, 'latin1');
  slot.tail.length = scan.bytes.write(tail, slot.tail.at, 'latin1');
  const length = scan.bytes.write(text, 0, 'latin1');
  const end = scan.pass(slot, 0, length);
  return [end, scan.events(), scan.bytes.toString('latin1', scan.textFrom, scan.textTo())];
}

const event = (text: string, head = HEAD, tail = TAIL) => head + text + tail;
const chunk = (payload: string) => `${payload.length.toString(16)}\r\n${payload}\r\n`;

describe('chunk scan', () => {
  it('is compiled from its source as it stands', async () => {
    const { parseWat } = await createWabt();
    const source = readFileSync(join(import.meta.dirname, 'chunk-scan.wat'), 'utf8');
    const code = Buffer.from(parseWat('chunk-scan.wat', source, { simd: true }).toBinary({}).buffer);
    expect(code.toString('base64'), 'npm run wasm').toBe(CHUNK_SCAN_CODE);
  });

  it('passes over whole chunks of expected events and copies their texts', () => {
    const whole = ['a', ' the', 'x'.repeat(16), 'y'.repeat(40), '\\n\\"z\\\\'].map((text) =>
      chunk(event(text)),
    );
    const text = whole.join('');
    const texts = `a the${'x'.repeat(16)}${'y'.repeat(40)}\\n\\"z\\\\`;
    expect(pass(text)).toEqual([text.length, 5, texts]);
    expect(pass(chunk(event('a') + event('b')))).toEqual([chunk(event('a') + event('b')).length, 2, 'ab']);
  });

  it('stops before a chunk that is torn, odd, or holds anything else', () => {
    const good = chunk(event('a'));
    for (const rest of [
      '',
      '0\r\n\r\n',
      good.slice(0, -1),
      good.slice(0, 3),
      good.replace('\r\n', ';x=1\r\n'),
      good.replace('\r\n', '\n'),
      `${good.slice(0, -2)}xy`,
      chunk(event('')),
      chunk(event('a\tb')),
      chunk(event('\\u00g9')),
      chunk(event('\\u00e')),
      chunk(event('\\x')),
      chunk(event('a","more":2,"b":"')),
      chunk(`${event('a')}x`),
      chunk(event('a').slice(0, -1)),
      chunk(event('b') + event('c', '{"test":"')),
      '123456\r\n',
    ])
      expect(pass(good + rest), rest).toEqual([good.length, 1, 'a']);
  });

  it('compares every byte of what stands before and behind the text', () => {
    for (const length of [8, 9, 15, 16, 17, 31, 32, 33, 200]) {
      const fixed = Array.from({ length }, (_, i) => String.fromCharCode(48 + (i % 10))).join('');
      const tail = `"${fixed.slice(1)}`;
      expect(pass(chunk(event('a', fixed, tail)), fixed, tail)[1]).toBe(1);
      for (let i = 0; i < length; i++) {
        const other = (text: string) => `${text.slice(0, i)}#${text.slice(i + 1)}`;
        expect(pass(chunk(event('a', other(fixed), tail)), fixed, tail)[1]).toBe(0);
        expect(pass(chunk(event('a', fixed, other(tail))), fixed, tail)[1]).toBe(0);
      }
    }
  });

  it('gives slots out and takes them back', () => {
    const scan = createChunkScan();
    const first = scan.takeSlot()!;
    const second = scan.takeSlot()!;
    expect(second.head.at).toBeGreaterThan(first.tail.at);
    scan.giveSlot(first);
    expect(scan.takeSlot()).toBe(first);
    let taken = 2;
    while (scan.takeSlot() !== null) taken++;
    expect(taken).toBeGreaterThanOrEqual(16_384);
  });
});
