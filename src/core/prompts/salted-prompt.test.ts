import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../protocol.ts';
import { saltText, saltWords } from './salt.ts';
import { addedTokens, placeAtUser, saltedPrompt } from './salted-prompt.ts';

const source = { seed: [1, 2], words: saltWords } as const;
const request = { index: 3, attempt: 0, measured: true };
const salt = saltText(source, 8, request);
const atUser = (prompt: string | ChatMessage[]) => saltedPrompt(prompt, placeAtUser(prompt), source, request);

describe('a salt on top', () => {
  it('stands before a text', () => {
    expect(atUser('What is it?')).toBe(`${salt} What is it?`);
    expect(addedTokens(placeAtUser(''))).toBe(8);
  });

  it('stands before what the user says first, behind the system', () => {
    const system = { role: 'SYSTEM', content: 'Be brief.' };
    const later = [
      { role: 'assistant', content: 'So?' },
      { role: 'user', content: 'Go on.' },
    ];
    expect(atUser([system, { role: 'user', content: 'Hi' }, ...later])).toEqual([
      system,
      { role: 'user', content: `${salt} Hi` },
      ...later,
    ]);
    expect(atUser([system])).toEqual([{ role: 'SYSTEM', content: `${salt} Be brief.` }]);
  });

  it('goes into the first text of a list of parts, or becomes one', () => {
    const image = { type: 'image_url', image_url: { url: 'data:,' } } as const;
    const said = { type: 'text', text: 'What is this?' } as const;
    const content = (parts: ChatMessage['content']) => [{ role: 'user', content: parts }];
    expect(atUser(content([image, said, said]))).toEqual(
      content([image, { type: 'text', text: `${salt} What is this?` }, said]),
    );
    expect(atUser(content([image]))).toEqual(content([{ type: 'text', text: salt }, image]));
  });
});

describe('a salt in the place of words', () => {
  const replaced = (text: string, at: number, words: number) =>
    saltedPrompt(text, { message: 0, at, words, replaces: true }, source, request);

  it('leaves what stands before and behind, so that there are as many words as before', () => {
    const text = Array.from({ length: 20 }, (_, i) => `word${i}`).join(' ');
    expect(replaced(text, 0, 8)).toBe(`${salt} ${text.split(' ').slice(8).join(' ')}`);
    const at = text.indexOf('word3');
    expect(replaced(text, at, 8)).toBe(`word0 word1 word2 ${salt} ${text.split(' ').slice(11).join(' ')}`);
  });

  it('may be all there is', () => {
    expect(replaced('one two', 0, 2)).toBe(saltText(source, 2, request));
    expect(replaced('one', 0, 1)).toBe(saltText(source, 1, request));
  });
});
