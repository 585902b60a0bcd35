import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which rooms a room may import, besides itself. The table in ARCHITECTURE.md says why. */
const mayImport: Record<string, string[]> = {
  core: [],
  datasets: ['core'],
  protocols: ['core'],
  schedules: ['core'],
  load: ['core', 'protocols', 'schedules'],
  store: ['core'],
  analysis: ['core'],
  imports: ['core'],
  reporters: ['core'],
  sim: ['core', 'protocols'],
  config: ['core', 'datasets', 'protocols', 'schedules', 'analysis'],
  plan: ['core', 'datasets', 'config'],
  cli: [
    'core',
    'datasets',
    'protocols',
    'schedules',
    'load',
    'store',
    'analysis',
    'imports',
    'reporters',
    'sim',
    'config',
    'plan',
  ],
};

/**
 * The wings of the large rooms, lowest floor first: a file imports from its own floor and those below. '' is the room
 * itself.
 */
const floors: Record<string, string[]> = {
  load: ['wire/shapes', 'wire/logs', 'wire/http', 'wire', 'timing', 'health', ''],
  cli: ['host', 'screen', 'task/calibration', 'task', 'commands', ''],
};

const MAX_LINES = 300;
const src = resolve(import.meta.dirname, '../src');

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile() && e.name.endsWith('.ts'))
  .map((e) => join(e.parentPath, e.name));

const isTest = (file: string) => /\.(test|prop\.test)\.ts$/.test(file) || file.includes('.fixture.');
const product = files.filter((f) => !isTest(f));
const roomOf = (file: string) => relative(src, file).split('/')[0];

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map((m) => resolve(dirname(file), m[1]));
}

describe('architecture', () => {
  it('knows every room', () => {
    const rooms = new Set(product.map(roomOf));
    expect([...rooms].filter((room) => !(room in mayImport))).toEqual([]);
  });

  it('lets a room import only what its place in the flow allows', () => {
    const forbidden = product.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith(src))
        .filter(
          (target) => roomOf(target) !== roomOf(file) && !mayImport[roomOf(file)].includes(roomOf(target)),
        )
        .map((target) => `${relative(src, file)} -> ${relative(src, target)}`),
    );
    expect(forbidden).toEqual([]);
  });

  it('climbs no stairs between the wings of a room', () => {
    const climbs = Object.entries(floors).flatMap(([room, wings]) => {
      const home = join(src, room);
      const floorOf = (file: string) => wings.indexOf(relative(home, dirname(file)));
      const ofRoom = product.filter((file) => roomOf(file) === room);
      expect(ofRoom.filter((file) => floorOf(file) < 0)).toEqual([]);
      return ofRoom.flatMap((file) =>
        importsOf(file)
          .filter((target) => target.startsWith(home + sep) && floorOf(target) > floorOf(file))
          .map((target) => `${relative(src, file)} -> ${relative(src, target)}`),
      );
    });
    expect(climbs).toEqual([]);
  });

  it('has no import cycle', () => {
    const graph = new Map(product.map((f) => [f, importsOf(f).filter((t) => t.startsWith(src))]));
    const done = new Set<string>();
    const path: string[] = [];
    const cycles: string[] = [];
    const visit = (file: string) => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].map((f) => relative(src, f)).join(' -> '));
        return;
      }
      if (done.has(file)) return;
      path.push(file);
      for (const next of graph.get(file) ?? []) visit(next);
      path.pop();
      done.add(file);
    };
    for (const file of product) visit(file);
    expect(cycles).toEqual([]);
  });

  it('touches console and process output only in cli', () => {
    const offenders = product.filter(
      (file) =>
        roomOf(file) !== 'cli' &&
        /\bconsole\.|process\.(exit|stdout|stderr|argv|env)\b/.test(readFileSync(file, 'utf8')),
    );
    expect(offenders.map((f) => relative(src, f))).toEqual([]);
  });

  it(`keeps files under ${MAX_LINES} lines unless their head says why`, () => {
    const long = product.filter((file) => {
      const text = readFileSync(file, 'utf8');
      return text.split('\n').length > MAX_LINES && !/^\/\*\*[\s\S]{0,800}?Long because/.test(text);
    });
    expect(long.map((f) => relative(src, f))).toEqual([]);
  });

  it('registers every plug-in file of a room', () => {
    for (const room of [
      'datasets',
      'protocols',
      'schedules',
      'analysis/windows',
      'analysis/peers',
      'analysis/steady/checks',
      'imports',
      'reporters',
    ]) {
      const registry = join(src, room, 'registry.ts');
      const text = readFileSync(registry, 'utf8');
      const marked = product.filter(
        (f) => f.startsWith(join(src, room) + sep) && /^\/\*\* Plug-in/m.test(readFileSync(f, 'utf8')),
      );
      expect(marked.length, `${room} has no plug-in file`).toBeGreaterThan(0);
      for (const file of marked)
        expect(text, relative(src, file)).toContain(`./${relative(dirname(registry), file)}`);
    }
  });
});
