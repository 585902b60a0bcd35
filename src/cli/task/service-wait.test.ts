import { describe, expect, it } from 'vitest';
import { createServiceWait } from './service-wait.ts';

function waiting(seconds: number | null) {
  let now = 0;
  const said: string[] = [];
  const slept: number[] = [];
  const wait = createServiceWait({
    waitMs: seconds === null ? null : seconds * 1000,
    say: (text) => said.push(text),
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  });
  return { wait, said, slept };
}

describe('waiting for a service', () => {
  it('says once for what, and ends when the time is up', async () => {
    const { wait, said, slept } = waiting(3);
    while (await wait.pause('http://h', 'it loads'));
    expect(slept).toEqual([1000, 1000, 1000]);
    expect(said).toEqual(['Waiting for the service at http://h, up to 3 s (--wait): it loads']);
    expect(await wait.pause('http://h', 'it loads')).toBe(false);
  });

  it('as long as the service asks for, but not beyond the end', async () => {
    const { wait, slept } = waiting(90);
    for (const retryAfterS of [7, 0.1, 3600, 3600]) await wait.pause('http://h', 'busy', retryAfterS);
    expect(slept).toEqual([7000, 1000, 60_000, 22_000]);
  });

  it('each service has its own time', async () => {
    const { wait, said } = waiting(1);
    expect(await wait.pause('http://a', 'x')).toBe(true);
    expect(await wait.pause('http://b', 'x')).toBe(true);
    expect(await wait.pause('http://a', 'x')).toBe(false);
    expect(said).toHaveLength(2);
  });

  it('0 is not at all; a refused connection is waited for only when a time was given', async () => {
    expect(await waiting(0).wait.pause('http://h', 'x')).toBe(false);
    expect([null, 0, 5].map((seconds) => waiting(seconds).wait.whenRefused)).toEqual([false, false, true]);
    expect(waiting(null).wait.waitMs).toBe(60_000);
  });
});
