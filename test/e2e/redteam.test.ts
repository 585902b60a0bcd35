/** A part of each area of the red team, so that none of it goes stale; `npm run redteam` makes all its tries. */
import { describe, expect, it } from 'vitest';
import { areas } from '../redteam/areas.ts';

const SHARE = 0.1;
const SEED = Number(process.env.AIS_BENCH_REDTEAM_SEED ?? 20_261_127);

describe('the red team', () => {
  it.each(areas)('$name', async (area) => {
    const { tried, failures } = await area.run({ share: SHARE, seed: SEED });
    expect(failures).toEqual([]);
    expect(tried).toBeGreaterThan(0);
  });
});
