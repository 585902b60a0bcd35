import { describe, expect, it } from 'vitest';
import { withExamples } from './few-shot.ts';
import type { PromptTemplate } from './prompt-template.ts';

const examples = [
  { q: 'one {q}', a: '1' },
  { q: 'two', a: '2' },
];
const question = { q: 'three', a: '' };
const prompt = (template: PromptTemplate, exampleTemplate = template) =>
  withExamples({ template, exampleTemplate, token: '</E>' }, examples, question);

describe('withExamples', () => {
  it.each<[string, string, string]>([
    ['where the token stands', 'Hints:\n</E>Q {q} A {a}', 'Hints:\nQ'],
    ['at the start without one', 'Q {q} A {a}', ''],
  ])('puts text examples %s and fills their braces once', (_, template, start) => {
    const exampleTemplate = 'Q {q} A {a}';
    const shown = 'Q one {q} A 1\nQ two A 2\n';
    const head = start === '' ? '' : 'Hints:\n';
    expect(prompt(template, exampleTemplate)).toBe(`${head}${shown}Q three A `);
  });

  it('puts examples as turns where the turn with the token stands, and leaves the last answer to the service', () => {
    const turns = [
      { role: 'HUMAN', prompt: '{q}' },
      { role: 'BOT', prompt: '{a}' },
    ];
    const system = { role: 'SYSTEM', prompt: 'Be brief.' };
    const template = [system, { role: 'HUMAN', prompt: '</E>' }, ...turns];
    expect(prompt(template, turns)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one {q}' },
      { role: 'assistant', content: '1' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: '2' },
      { role: 'user', content: 'three' },
    ]);
  });
});
