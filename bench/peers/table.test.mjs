import { expect, it } from 'vitest';
import { overBestPeer } from './table.mjs';

it('this tool stands against the best other of each case; a tool without figures is no opponent', () => {
  const capacity = (streams) => ({ capacity: { figures: { streams } } });
  const results = {
    this: { ...capacity(2000), 'one token': { figures: { requests_per_cpu_s: 9 } } },
    'this too': capacity(9000),
    a: capacity(300),
    b: capacity(500),
    c: { capacity: { reason: 'does not install' }, 'one token': { reason: 'not run' } },
  };
  expect(overBestPeer(results, 'this', (name) => name.startsWith('this'))).toEqual({
    capacity: { ours: 2000, best: 500, tool: 'b', ratio: 4 },
  });
});
