import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const src = join(root, 'src');
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

const roomOf = (file: string) => relative(src, file).split('/')[0];

/** Room → the other rooms that its files import. */
function importedRooms(): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>();
  for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/(?<!\.test|\.fixture)\.ts$/.test(file)) continue;
    const room = roomOf(file);
    const targets = rooms.get(room) ?? new Set();
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.{1,2}\/[^']+)'/g)) {
      const target = roomOf(resolve(dirname(file), path));
      if (target !== room) targets.add(target);
    }
    rooms.set(room, targets);
  }
  return rooms;
}

/** Room → where its arrows lead in the picture of the rooms. */
function drawnArrows(): Map<string, string[]> {
  const picture = /```mermaid\nflowchart BT\n(.*?)```/s.exec(page)![1];
  const arrows = new Map<string, string[]>();
  for (const [, from, to] of picture.matchAll(/^ {2}(\w+)(?:\[.*?\])? --> (\w+)/gm)) {
    arrows.set(from, [...(arrows.get(from) ?? []), to]);
  }
  return arrows;
}

function reachableFrom(room: string, arrows: Map<string, string[]>): Set<string> {
  const direct = arrows.get(room) ?? [];
  return new Set([...direct, ...direct.flatMap((next) => [...reachableFrom(next, arrows)])]);
}

describe('ARCHITECTURE.md', () => {
  const actual = importedRooms();
  const arrows = drawnArrows();

  it('draws every import between rooms', () => {
    const missing = [...actual].flatMap(([room, targets]) => {
      const reachable = reachableFrom(room, arrows);
      return [...targets].filter((target) => !reachable.has(target)).map((target) => `${room} --> ${target}`);
    });
    expect(missing).toEqual([]);
  });

  it('draws no import that is not there', () => {
    const idle = [...arrows].flatMap(([room, targets]) =>
      targets.filter((target) => !actual.get(room)?.has(target)).map((target) => `${room} --> ${target}`),
    );
    expect(idle).toEqual([]);
  });

  it('has a row for every room', () => {
    const rows = [...page.matchAll(/^\| `(\w+)\/`/gm)].map((match) => match[1]);
    expect(rows.toSorted()).toEqual([...actual.keys()].toSorted());
  });
});
