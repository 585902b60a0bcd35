import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { run, workspace } from './harness.ts';

describe('ais_bench demo', () => {
  it('tests a simulated service, prints both tables and the plot, and leaves nothing running', async () => {
    const ws = workspace();
    const started = Date.now();
    const r = await run('demo', ws.dir);
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(Date.now() - started).toBeLessThan(40_000);
    expect(r.stdout).toContain('│ Performance Parameters   │ Stage');
    expect(r.stdout).toContain('│ Common Metric');
    expect(r.stdout).toMatch(/\S+_plot\.html/);
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(processes.split('\n').filter((line) => line.includes('bin.js sim --port 0 --demo'))).toEqual([]);
    ws.remove();
  });
});
