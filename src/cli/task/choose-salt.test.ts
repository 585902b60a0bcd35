import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { redactedConfig } from '../../config/redact.ts';
import type { RunConfig } from '../../config/run-config.ts';
import type { Log } from '../screen/log.ts';
import { withSalt } from './choose-salt.ts';

const folder = mkdtempSync(join(tmpdir(), 'choose-salt-'));
let runs = 0;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Asked extends Partial<RunConfig['cache']> {
  seed?: number;
  url?: string;
  type?: string;
  rows?: number;
}

function configOf({ seed = 0, url = 'http://127.0.0.1:8/', type = 'synthetic', rows = 3, ...cache }: Asked) {
  const task = {
    model: { abbr: 'm', url, apiKey: 'sk-secret', file: 'm.ts' },
    dataset: { abbr: 'd', type, options: { RequestCount: rows }, testRange: '', file: `${runs}.ts` },
  };
  return {
    workDir: folder,
    tasks: [task],
    seed,
    numPrompts: null,
    cache: { policy: null, salt: '', sentBefore: {}, seeded: false, ...cache },
  } as unknown as RunConfig;
}

/** Chooses as a run does, and leaves what a run leaves. */
function runWith(asked: Asked) {
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line) } as unknown as Log;
  const config = withSalt(configOf(asked), log);
  const stamp = `20260101_${String(100_000 + runs++)}`;
  mkdirSync(join(folder, stamp, 'configs'), { recursive: true });
  writeFileSync(join(folder, stamp, 'configs/c.json'), JSON.stringify(redactedConfig(config)));
  return { salt: config.cache.salt, sentBefore: config.cache.sentBefore, lines, stamp };
}

describe('the salt of a run', () => {
  it('is drawn anew each time without a seed', () => {
    const salts = [1, 2, 3, 4].map(() => runWith({}).salt);
    expect(new Set(salts).size).toBe(4);
    expect(salts.every((salt) => /^[0-9a-f]{16}$/.test(salt))).toBe(true);
  });

  it('follows from the seed the first time, and is another one with each repetition, which is said', () => {
    const first = runWith({ seed: 5, seeded: true });
    expect(first).toMatchObject({ salt: 'seed-5', lines: [] });
    const second = runWith({ seed: 5, seeded: true });
    expect(second.salt).toBe('seed-5-2');
    expect(second.lines).toEqual([expect.stringContaining('--cache-salt seed-5 ')]);
    expect(second.lines[0]).toContain(first.stamp);
    expect(runWith({ seed: 5, seeded: true }).salt).toBe('seed-5-3');
    expect(runWith({ seed: 5, seeded: true, rows: 9 }).salt).toBe('seed-5-4');
  });

  it('is the first one again for another seed or another service', () => {
    runWith({ seed: 5, seeded: true });
    expect(runWith({ seed: 6, seeded: true }).salt).toBe('seed-6');
    expect(runWith({ seed: 5, seeded: true, url: 'http://other/' }).salt).toBe('seed-5');
    expect(runWith({ seed: 0, seeded: true }).salt).toBe('seed-0');
  });

  it('is what was given', () => {
    runWith({ seed: 5, seeded: true });
    expect(runWith({ seed: 5, seeded: true, salt: 'seed-5' })).toMatchObject({ salt: 'seed-5', lines: [] });
  });

  it('does not trip over what lies in the work dir', () => {
    for (const [at, text] of [
      '',
      '{"tasks": 3}',
      '[1]',
      '{"tasks":[null,{"model":7}],"cache":[]}',
      '{',
    ].entries()) {
      mkdirSync(join(folder, `20250101_00000${at}`, 'configs'), { recursive: true });
      writeFileSync(join(folder, `20250101_00000${at}`, 'configs/x.json'), text);
    }
    expect(runWith({ seed: 5, seeded: true }).salt).toBe('seed-5');
  });
});

describe('rows that were sent before as they are', () => {
  it('are found with the newest run that sent them', () => {
    expect(runWith({ type: 'gsm8k' }).sentBefore).toEqual({});
    const second = runWith({ type: 'gsm8k' });
    expect(Object.keys(second.sentBefore)).toEqual(['m/d']);
    expect(runWith({ type: 'gsm8k' }).sentBefore).toEqual({ 'm/d': second.stamp });
  });

  it.each([
    ['other rows', { rows: 4 }],
    ['another service', { url: 'http://other/' }],
    ['another seed', { seed: 9 }],
    ['salted ones', { policy: 'fresh' as const }],
  ])('are not %s', (_, other) => {
    runWith({ type: 'gsm8k', ...other });
    expect(runWith({ type: 'gsm8k' }).sentBefore).toEqual({});
  });

  it('matter only where they go out as they are again', () => {
    runWith({ policy: 'as-is' });
    expect(runWith({ policy: 'primed' }).sentBefore).toEqual({});
    expect(Object.keys(runWith({ policy: 'as-is' }).sentBefore)).toEqual(['m/d']);
  });
});
