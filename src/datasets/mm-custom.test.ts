import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { mmCustom } from './mm-custom.ts';

const cwd = mkdtempSync(join(tmpdir(), 'mm-custom-'));
afterAll(() => rmSync(cwd, { recursive: true }));
writeFileSync(join(cwd, 'a b.png'), Buffer.from([1, 2, 3]));

function load(row: object, options: object = {}) {
  writeFileSync(join(cwd, 'rows.jsonl'), JSON.stringify({ type: 'image', question: 'What?', ...row }));
  const tokenizer = { name: '', source: 'embedded', count: () => 1, countPrompt: () => 1 } as const;
  return mmCustom.load(mmCustom.options.parse({ path: 'rows.jsonl', ...options }), {
    cwd,
    cacheDir: '',
    seed: 0,
    tokenizer,
    maxOutTokens: 1,
  });
}
const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const text = { type: 'text', text: 'What?' };

describe('mm_custom', () => {
  it.each([
    ['a file by its address', { path: ['a b.png'] }, {}, [image(pathToFileURL(join(cwd, 'a b.png')).href)]],
    [
      'a file in the request',
      { path: 'a b.png' },
      { mm_type: 'base64' },
      [image('data:image/png;base64,AQID')],
    ],
    [
      'URLs as they are',
      { path: ['https://h/x.png', 'data:image/gif;base64,AA=='] },
      { mm_type: 'base64' },
      [image('https://h/x.png'), image('data:image/gif;base64,AA==')],
    ],
    [
      'a video by its address',
      { type: 'video', path: ['http://h/v.mp4'] },
      {},
      [{ type: 'video_url', video_url: { url: 'http://h/v.mp4' } }],
    ],
  ])('sends %s, before the question', async (_, row, options, shown) => {
    expect(await load({ ...row, max_tokens: 9, answer: 'cat' }, options)).toEqual([
      { id: '1', prompt: [{ role: 'user', content: [...shown, text] }], answer: 'cat', maxOutTokens: 9 },
    ]);
  });

  it('puts them into the last turn of the user of a template, which never holds the answer', async () => {
    const template = [
      { role: 'SYSTEM', prompt: 'Look.' },
      { role: 'HUMAN', prompt: '{question}{answer}' },
    ];
    const [{ prompt }] = await load({ path: 'http://h/x.png', answer: 'cat' }, { template });
    expect(prompt).toEqual([
      { role: 'system', content: 'Look.' },
      { role: 'user', content: [image('http://h/x.png'), text] },
    ]);
  });

  it.each([
    [{ type: 'picture', path: 'x' }, 'has "picture" as "type"; expected image, video or audio'],
    [{}, 'has undefined in "path"; expected a file or a URL'],
    [{ path: ['no.png'] }, `names ${join(cwd, 'no.png')} (ENOENT)`],
    [
      { path: ['a.mp4'] },
      `has the image ${join(cwd, 'a.mp4')}, which cannot be sent along; expected .png, .jpg`,
    ],
    [
      { type: 'video', path: ['a.mp4'] },
      `has the video ${join(cwd, 'a.mp4')}, which cannot be sent along; expected mm_type "path", or a URL`,
    ],
  ])('refuses %j with file and line', async (row, problem) => {
    const message = await load(row, { mm_type: 'base64' }).catch((error: Error) => error.message);
    expect(message).toContain(`${join(cwd, 'rows.jsonl')}:1: the row ${problem}`);
  });
});
