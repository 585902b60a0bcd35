import { describe, expect, it } from 'vitest';
import type { Plan } from '../core/plan.ts';
import { saltWords } from '../core/prompts/salt.ts';
import { saltedPrompt } from '../core/prompts/salted-prompt.ts';
import type { Sample, Target } from '../core/protocol.ts';
import { declaredPlace } from '../datasets/text/salt-places.ts';
import { createRequests } from '../load/wire/http/request.ts';
import { type ProtocolName, protocols } from '../protocols/registry.ts';
import { encodeBodies, encodeSalted } from './encode-bodies.ts';
import { withPrompt } from './salt-task.ts';

const names = Object.keys(protocols) as ProtocolName[];
const salt = { seed: [8, 9] as const, words: saltWords };
const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(' ');
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } } as const;

const rows: Sample[] = [
  { id: 'text', prompt: 'Ünïcode "quoted"\nand a line', maxOutTokens: 3 },
  { id: 'short', prompt: words(2), sharedWords: 0 },
  { id: 'prefix', prompt: words(30), sharedWords: 12 },
  { id: 'all shared', prompt: words(5), sharedWords: 5 },
  { id: 'long', prompt: words(9000), sharedWords: 0 },
  { id: 'long shared', prompt: words(9000), sharedWords: 8000 },
];
const chats: Sample[] = [
  {
    id: 'system',
    prompt: [
      { role: 'system', content: 'Sei ausführlich.' },
      { role: 'user', content: 'Hallo' },
      { role: 'assistant', content: 'Ja?' },
      { role: 'user', content: 'Weiter.' },
    ],
  },
  { id: 'parts', prompt: [{ role: 'user', content: [image, { type: 'text', text: 'What is it?' }] }] },
];

function planWith(protocol: ProtocolName, samples: readonly Sample[], more: Partial<Plan> = {}) {
  const target: Target = {
    protocol,
    url: 'http://127.0.0.1:1/',
    model: 'm',
    stream: true,
    maxOutTokens: 9,
    generation: { temperature: 0.5 },
    apiKey: '',
  };
  const encoding = { protocol: protocols[protocol], target };
  const plan = {
    target,
    path: 'p',
    headers: {},
    bodies: encodeSalted(samples, encoding, declaredPlace),
    salt,
    ...more,
  } as Plan;
  return { plan, encoding };
}

/** Of a request's pieces. */
function bodyOf(pieces: readonly Uint8Array[]): string {
  const whole = Buffer.concat(pieces);
  const end = whole.indexOf('\r\n\r\n') + 4;
  const length = Number(/content-length: (\d+)/.exec(whole.toString('latin1', 0, end))?.[1]);
  expect(whole.length - end).toBe(length);
  return whole.toString('utf8', end);
}

describe.each(names)('bodies of %s', (name) => {
  const samples = name === 'openai_chat' ? [...rows, ...chats] : rows;

  it('hold, when they are sent, what encoding the salted prompt gives', () => {
    const { plan, encoding } = planWith(name, samples);
    const bytesOf = createRequests(plan);
    for (const [row, sample] of samples.entries()) {
      for (const index of [row, row + samples.length, row + 7 * samples.length]) {
        for (const [attempt, measured] of [
          [0, true],
          [1, true],
          [0, false],
        ] as const) {
          const request = { index, attempt, measured };
          const place = declaredPlace(sample);
          const salted =
            place === null
              ? sample
              : withPrompt(sample, () => saltedPrompt(sample.prompt, place, salt, request));
          expect(bodyOf(bytesOf(request))).toBe(encoding.protocol.encode(salted, encoding.target).body);
        }
      }
    }
  });
});

describe('createRequests', () => {
  it('never changes what the bodies hold: each pass and each attempt is another request, the same one twice is not', () => {
    const { plan } = planWith('openai_chat', [rows[0], rows[4]]);
    const bytesOf = createRequests(plan);
    const sent = [0, 1, 2, 3, 4, 5].flatMap((index) =>
      [0, 1].map((attempt) => bodyOf(bytesOf({ index, attempt, measured: true }))),
    );
    expect(new Set(sent).size).toBe(12);
    expect(bodyOf(bytesOf({ index: 0, attempt: 0, measured: true }))).toBe(sent[0]);
    expect(new Set(sent.map((body) => body.length)).size).toBe(2);
  });

  it('sends rows as they are, and what is not measured with a salt, where the plan says so', () => {
    const samples = rows.slice(0, 3);
    const salted = planWith('openai_completions', samples);
    const bodies = encodeBodies(samples, salted.encoding);
    const bytesOf = createRequests({ ...salted.plan, bodies, unmeasured: salted.plan.bodies });
    const promptOf = (index: number, measured: boolean): string =>
      JSON.parse(bodyOf(bytesOf({ index, attempt: 0, measured }))).prompt;
    for (const [row, { prompt }] of samples.entries()) {
      expect(promptOf(row, true)).toBe(prompt);
      expect(promptOf(row + 3, true)).toBe(prompt);
      expect(promptOf(row, false)).not.toBe(prompt);
      expect(promptOf(row + 3, false)).not.toBe(promptOf(row, false));
    }
  });
});
