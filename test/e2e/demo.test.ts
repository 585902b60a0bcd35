import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run, until, workspace } from './harness.ts';

/** Simulated services of demos that were started in this folder (Linux). */
function servicesOf(dir: string): string[] {
  const processes = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return processes.filter((line) => {
    if (!line.includes('bin.js sim --port 0 --demo')) return false;
    try {
      return readlinkSync(`/proc/${Number.parseInt(line, 10)}/cwd`) === dir;
    } catch {
      // It has ended since.
      return false;
    }
  });
}

describe('ais_bench demo', () => {
  it('tests a simulated service, prints both tables and the plot, and leaves nothing running', async () => {
    const ws = workspace();
    const r = await run('demo', ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stdout).toContain('│ Performance Parameters   │ Stage');
    expect(r.stdout).toContain('│ Common Metric');
    expect(r.stdout).toMatch(/\S+_plot\.html/);
    // Other tests may run a demo of their own at the same time.
    await until('its service has ended', () => servicesOf(ws.dir).length === 0);
    ws.remove();
  });
});
