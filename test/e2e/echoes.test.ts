/** What a service says of our secrets, or to act on a terminal, in every place where it can: nothing of it is left anywhere. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readRun } from '../../src/store/store.ts';
import { addConfig, type Finished, run, type Workspace, workspace } from './harness.ts';

const json = JSON.stringify;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const each = (text: string, form: (code: number) => string) =>
  [...text].map((c) => form(c.charCodeAt(0))).join('');
/** The same text as JSON, addresses and pages may write it, each character by itself. */
const jsonCodes = (text: string) => each(text, (code) => `\\u${code.toString(16).padStart(4, '0')}`);
const percentCodes = (text: string) => each(text, (code) => `%${code.toString(16)}`);
const pageCodes = (text: string) => each(text, (code) => `&#${code};`);
const allForms = (text: string) => [
  text,
  encodeURIComponent(text),
  percentCodes(text),
  jsonCodes(text),
  pageCodes(text),
  base64(text),
  base64(`to ${text}`),
];

const event = (value: unknown) => `data: ${typeof value === 'string' ? value : json(value)}\n\n`;
const delta = (fields: object, more: object = {}) =>
  event({ choices: [{ index: 0, delta: fields, ...more }] });
const END = event('[DONE]');

/** All bytes of an answer. */
function answer(body: string, { status = '200 OK', headers = [] as string[] } = {}): string {
  const type = headers.some((h) => /^content-type/i.test(h)) ? [] : ['content-type: text/event-stream'];
  const lines = [`HTTP/1.1 ${status}`, ...type, ...headers, `content-length: ${Buffer.byteLength(body)}`];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function halves(text: string): [string, string] {
  const middle = Math.floor(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

/** Answers in which `said` stands wherever a service can say something. */
function placesOf(said: string): string[] {
  const inner = json(said).slice(1, -1);
  const [front, back] = halves(said);
  const field = said.replace(/[\r\n]/g, ' ');
  const page = `<html><body><h1>${said}</h1> ${said}</body></html>`;
  return [
    answer(
      [
        `: ${field}\nevent: ${field}\nid: ${field}\n${delta({ role: 'assistant' })}`,
        event({ id: said, choices: [{ index: 0, delta: { reasoning_content: front } }] }),
        delta({ reasoning_content: back }),
        ...[front, back, said].map((content) => delta({ content })),
        delta({ content: ' x' }, { finish_reason: said }),
        event({ choices: [], usage: { prompt_tokens: said, completion_tokens: said, [said]: said } }),
        END,
      ].join(''),
    ),
    answer(event({ id: said, model: said, choices: [{ delta: { content: said, [said]: said } }] }) + END),
    answer(delta({ [said]: said }) + delta({ [said]: `${said}!` }, { finish_reason: 'stop' }) + END),
    answer(delta({ [said]: { [said]: [said] } }, { finish_reason: 'stop' }) + END),
    answer(json({ error: { message: said, type: said, code: said } }), {
      status: `400 ${field}`,
      headers: [
        `content-type: application/problem+json; note=${field}`,
        `location: /there?${field}`,
        `retry-after: ${field}`,
        `content-encoding: ${field}`,
        `${field.replace(/[^\w-]/g, '')}: ${field}`,
      ],
    }),
    answer('{}', { status: `307 ${field}`, headers: [`location: http://there/${field}`] }),
    answer(page, { status: `502 ${field}`, headers: [`content-type: ${field}`] }),
    answer(page, { headers: ['content-type: text/html'] }),
    answer(event({ error: { message: said } }) + END),
    answer(delta({ content: 'a' }) + event({ code: said, message: said })),
    answer(`event: error\n${event(field)}`),
    answer(event(`{"choices": [{"delta": {"content": "${inner}"`)),
    answer(json({ detail: [{ loc: ['body', said], msg: said, input: { headers: said } }] }), {
      status: '422 X',
    }),
    `HTTP/1.1 200 ${field}\r\ncontent-length: ${field}\r\n\r\n`,
    `HTTP/1.1 2000 ${field}\r\n\r\n${said}`,
    `${field} HTTP\r\n\r\n${said}`,
    answer(delta({ content: `and ${said}` }).repeat(2)),
  ];
}

/** `form` is cut by the end of what is kept of an error, at some places. */
function bordersOf(form: string): string[] {
  return [5, 9, form.length - 1].flatMap((kept) => {
    const before = 'x'.repeat(2048 - kept);
    return [
      answer(before + form, { status: '400 X', headers: ['content-type: text/plain'] }),
      answer(event(`<${before.slice(1)}${form}`)),
      answer(`{"error": {"message": "${before.slice(23)}${form}`, { status: '400 X' }),
    ];
  });
}

/** Lists models; each further request gets the next of the answers. A body without content ends with its connection. */
async function service(answers: readonly string[], models: readonly string[]): Promise<Server> {
  let next = 0;
  const server = createServer((socket) => {
    let heard = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
      const length = /content-length: (\d+)/i.exec(heard)?.[1] ?? '0';
      const body = heard.split('\r\n\r\n')[1];
      if (body === undefined || body.length < Number(length)) return;
      const isList = heard.startsWith('GET');
      heard = '';
      const list = json({ data: models.map((id) => ({ id })) });
      socket.end(isList ? answer(list) : answers[next++ % answers.length]);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

describe('what a service says in every place', () => {
  let ws: Workspace;
  let server: Server;
  afterEach(() => {
    server.close();
    ws.remove();
  });

  async function ask(answers: readonly string[], models: readonly string[], keys: object): Promise<Finished> {
    ws = workspace();
    server = await service(answers, models);
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    const model = {
      abbr: 'it',
      type: 'VLLMCustomAPIChat',
      stream: true,
      max_out_len: 7,
      batch_size: 4,
      retry: 0,
      model: 'm',
      url,
    };
    const texts = json([{ ...model, ...keys }]).replaceAll('PORT', String(port));
    addConfig(ws, 'models/it.ts', `export const models = ${texts};\n`);
    writeFileSync(join(ws.dir, 'rows.jsonl'), answers.map((_, i) => json({ question: `${i}` })).join('\n'));
    return run(
      '--models it --custom-dataset-path rows.jsonl --mode perf --num-warmups 3 --workers 1',
      ws.dir,
    );
  }

  /** The screen, and every file of the run by its name; records are unpacked. */
  async function everythingLeft({ stdout, stderr }: Finished): Promise<Map<string, string>> {
    const left = new Map([
      ['stdout', stdout],
      ['stderr', stderr],
    ]);
    const folder = ws.lastRun();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    for (const { name, parentPath } of files) left.set(name, readFileSync(join(parentPath, name), 'latin1'));
    const results = join(folder, 'performances/it');
    if (!existsSync(join(results, 'rows_details.h5'))) return left;
    const { info, batches } = await readRun(results, 'rows');
    left.set('records', json({ info, notes: [...batches()].flatMap((batch) => batch.notes) }));
    return left;
  }

  const KEY = 'sk-Never/to+be="seen"&so42';
  const PASSWORD = 'pa55/Word+never=&there';
  it.each<[string, object, string[]]>([
    ['the API key', { api_key: KEY }, [KEY]],
    [
      'credentials of the address',
      { url: `http://some:${encodeURIComponent(PASSWORD)}@127.0.0.1:PORT/` },
      [PASSWORD, base64(`some:${PASSWORD}`)],
    ],
    ['a key of the query', { url: `http://127.0.0.1:PORT/?api-key=${encodeURIComponent(KEY)}` }, [KEY]],
  ])('%s is left nowhere, in no form, and no half of it', async (_, keys, secrets) => {
    const forms = secrets.flatMap(allForms);
    const everywhere = forms.flatMap(placesOf);
    const escaped = delta({ content: 'it' }).replace('it', jsonCodes(secrets[0]));
    const r = await ask(
      [...everywhere, ...forms.flatMap(bordersOf), escaped + END].map((text) =>
        text.startsWith('HTTP') || !text.startsWith('data') ? text : answer(text),
      ),
      ['listed', ...forms],
      keys,
    );
    const left = await everythingLeft(r);
    expect([...left.keys()]).toEqual(
      expect.arrayContaining(['records', 'rows_details.jsonl', 'rows_plot.html', 'rows.out']),
    );
    // What a form begins with would be enough to see where a half of it has stayed.
    const starts = forms.map((form) => form.slice(0, /^[%\\&]/.test(form) ? 24 : 7));
    const found = [...left].flatMap(([name, text]) =>
      starts
        .filter((start) => text.includes(start) || text.includes(json(start).slice(1, -1)))
        .map((start) => `${name}: ${start}`),
    );
    expect([...new Set(found)]).toEqual([]);
  });

  const FORGED = '11/27 00:00:00 - AISBench - INFO - forged';
  const EVIL = `a\x1b[2J\x9b31m\x07\x7f\r\n${FORGED}\u202e\u2066\u200f\u2028${'y'.repeat(1e5)}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  const ACTING = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|^11\/27 00:00:00/m;
  const acting = (text: string) => {
    const at = text.search(ACTING);
    return at < 0 ? '' : json(text.slice(Math.max(0, at - 60), at + 60));
  };

  it('nothing of it acts on a terminal, forges a line, or fills a screen or a file', async () => {
    const r = await ask([...placesOf(EVIL), ...placesOf('\x1b]0;title\x07 \u202e')], [EVIL, 'other'], {
      model: EVIL.slice(0, 200),
    });
    const left = await everythingLeft(r);
    left.delete('records');
    left.delete('rows_details.h5');
    expect(left.get('stdout')).toContain('\\x1b[2J');
    for (const [name, text] of left) {
      expect(acting(Buffer.from(text, name.startsWith('std') ? 'utf8' : 'latin1').toString()), name).toBe('');
      if (!/_details|_plot/.test(name)) expect(text.length, name).toBeLessThan(200_000);
    }
  });
});
