import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSamples } from './registry.ts';

const root = mkdtempSync(join(tmpdir(), 'textvqa-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, 'ais_bench/datasets/textvqa');
const questions = join(folder, 'textvqa_json/textvqa_val.jsonl');
mkdirSync(join(folder, 'textvqa_json'), { recursive: true });
mkdirSync(join(folder, 'train_images'));
writeFileSync(join(folder, 'train_images/a.jpg'), Buffer.from([1, 2, 3]));
writeFileSync(join(folder, 'textvqa_json/b.png'), Buffer.from([4]));

const write = (file: string, ...rows: object[]) =>
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
beforeEach(() => rmSync(join(folder, 'textvqa_json/textvqa_val_annotations.json'), { force: true }));

const load = (options: Record<string, unknown> = {}) => {
  const tokenizer = { name: '', source: 'embedded', count: () => 1, countPrompt: () => 1 } as const;
  const context = { cwd: root, cacheDir: '', seed: 0, tokenizer, maxOutTokens: 1 };
  return loadSamples('textvqa', { template: '{question}{answer}', ...options }, '', context);
};
const sent = (url: string) => [
  {
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url } },
      { type: 'text', text: 'What?' },
    ],
  },
];
const at = (path: string) => pathToFileURL(join(folder, path)).href;

describe('textvqa', () => {
  it.each([
    [
      'in the folder of images, whatever folder it names',
      'data/textvqa/train_images/a.jpg',
      'train_images/a.jpg',
    ],
    ['beside the questions', 'b.png', 'textvqa_json/b.png'],
    ['from the working directory', 'ais_bench/datasets/textvqa/train_images/a.jpg', 'train_images/a.jpg'],
    ['at an absolute path, which only the service may have', join(folder, 'other.jpg'), 'other.jpg'],
  ])('finds an image %s', async (_, image, place) => {
    write(questions, { image, question: 'What?', question_id: 7 });
    expect(await load()).toEqual([{ id: '7', prompt: sent(at(place)) }]);
  });

  it('sends images along, URLs as they are, and answers never', async () => {
    write(
      questions,
      { image: 'x/a.jpg', question: 'What?', question_id: 7 },
      { image: 'https://h/c.jpg', question: 'What?', question_id: 8 },
    );
    const answers = ['stop', 'STOP'].map((answer) => ({ answer }));
    write(join(folder, 'textvqa_json/textvqa_val_annotations.json'), {
      annotations: [{ question_id: 7, answers }],
    });
    expect(await load({ image_type: 'image_base64' })).toEqual([
      { id: '7', prompt: sent('data:image/jpeg;base64,AQID'), answer: 'stop' },
      { id: '8', prompt: sent('https://h/c.jpg') },
    ]);
  });

  it.each([
    [
      { image: 'gone.jpg', question: 'What?' },
      /val\.jsonl:1: the row names the image gone\.jpg, which is not there; expected it at .*train_images\/gone\.jpg/,
    ],
    [{ question: 'What?' }, /val\.jsonl:1: the row has no "image"/],
    [{ image: 'a.jpg' }, /val\.jsonl:1: the row has no "question"/],
  ])('refuses %j with file and line', async (row, message) => {
    write(questions, row);
    await expect(load()).rejects.toThrow(message);
  });

  it('says what it cannot read of the answers, and where it looked for the questions', async () => {
    write(questions, { image: 'a.jpg', question: 'What?', question_id: 7 });
    write(join(folder, 'textvqa_json/textvqa_val_annotations.json'), { annotations: [{ question_id: 7 }] });
    await expect(load()).rejects.toThrow(/annotations\.json:1: the row has other "annotations"/);
    await expect(load({ path: 'no/q.jsonl' })).rejects.toThrow(
      /^TextVQA was not found in any of these places:\n.*no\/q/,
    );
  });
});
