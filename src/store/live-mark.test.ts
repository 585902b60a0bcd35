import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { liveRunOf, markLive } from './live-mark.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'live-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Changes the mark of this process as if another had written it `agoS` seconds ago. */
function rewrite(change: Record<string, unknown>, agoS: number): void {
  const file = join(folder, 'live.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }));
  const at = new Date(Date.now() - agoS * 1000);
  utimesSync(file, at, at);
}

describe('a run', () => {
  it('is live from its mark to its removal', () => {
    expect(liveRunOf(folder)).toBeNull();
    const mark = markLive(folder);
    expect(liveRunOf(folder)?.pid).toBe(process.pid);
    mark.remove();
    expect(liveRunOf(folder)).toBeNull();
    mark.remove();
  });

  it('stays live while its process is busy or suspended, however old the mark', () => {
    markLive(folder);
    rewrite({}, 3600);
    expect(liveRunOf(folder)).not.toBeNull();
  });

  it('is not live when its process is dead, or its id is another one’s now', () => {
    markLive(folder);
    rewrite({ pid: 2 ** 22 + 1 }, 0);
    expect(liveRunOf(folder)).toBeNull();
    rewrite({ pid: process.pid, startTicks: '1' }, 0);
    expect(liveRunOf(folder)).toBeNull();
  });

  it('of another host or container is live while its mark is touched', () => {
    markLive(folder);
    rewrite({ space: 'elsewhere', pid: 1 }, 10);
    expect(liveRunOf(folder)).not.toBeNull();
    rewrite({}, 120);
    expect(liveRunOf(folder)).toBeNull();
  });

  it.each(['', '{', '[]', 'null', '{"pid":"x"}'])(
    'with the damaged mark %j, long ago, is not live',
    (text) => {
      writeFileSync(join(folder, 'live.json'), text);
      const longAgo = new Date(0);
      utimesSync(join(folder, 'live.json'), longAgo, longAgo);
      expect(liveRunOf(folder)).toBeNull();
    },
  );
});
