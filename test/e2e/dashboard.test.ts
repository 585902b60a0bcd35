import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addConfig,
  command,
  editModel,
  type SimProcess,
  startSim,
  type Workspace,
  workspace,
} from './harness.ts';
import { playTerminal, type Shown, type Step, TERMINAL_ROWS } from './shell.ts';

const TASKS = 30;
const ROWS = TERMINAL_ROWS;
const UP = '\x1b[A';
const DOWN = '\x1b[B';
const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const SHOW_CURSOR = '\x1b[?25h';
const HIDE_CURSOR = '\x1b[?25l';

function play(args: string, cwd: string, columns: number, steps: Step[]): Shown {
  return playTerminal(command(args), cwd, columns, steps);
}

describe('dashboard in a terminal', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = workspace();
    editModel(ws, 'vllm_api_stream_chat', { host_port: sim.port, batch_size: 4, max_out_len: 16 });
    const sets = Array.from({ length: TASKS }, (_, i) => ({
      abbr: `set-${i + 1}`,
      type: 'synthetic',
      Type: 'tokenid',
      RequestCount: 6,
      TokenIdConfig: { RequestSize: 20 },
    }));
    for (const [name, list] of Object.entries({ many: sets, few: sets.slice(0, 2) })) {
      addConfig(
        ws,
        `datasets/${name}.ts`,
        `import { defineDatasets } from 'ais-bench';\nexport const ${name}_datasets = defineDatasets(${JSON.stringify(list)});\n`,
      );
    }
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });
  const MANY =
    '--models vllm_api_stream_chat --datasets many --no-merge-ds --summarizer default_perf --mode perf';

  it('turns pages, pauses and resumes; Ctrl-C ends the run with its tables and gives the terminal back', () => {
    const r = play(`${MANY} --pressure --pressure-time 600`, ws.dir, 80, [
      { expect: 'page 1/4, tasks 1-8 of 30' },
      { expect: 'set-1 +running' },
      { send: DOWN },
      { expect: 'page 2/4, tasks 9-16 of 30' },
      { expect: 'set-16 +waiting' },
      { send: DOWN + DOWN + DOWN },
      { expect: 'page 4/4, tasks 25-30 of 30' },
      { send: UP },
      { expect: 'page 3/4' },
      { send: 'p' },
      { expect: 'PAUSED at' },
      // It draws twice a second and more often, otherwise.
      { quiet: 2 },
      { send: 'P' },
      { expect: 'Updated' },
      { expect: 'Updated' },
      { send: CTRL_C },
      { expect: 'Interrupted: no new requests' },
      { expect: 'was interrupted' },
      { expect: 'Common Metric' },
    ]);
    expect(r.missing, r.output).toBeNull();
    expect(r.code, r.output).toBe(0);
    expect(r.restored).toBe(true);
    expect(r.output.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(r.output.lastIndexOf(HIDE_CURSOR));
    // The last table holds every task, and none of the waiting ones began.
    const end = stripVTControlCharacters(r.output).split('] was interrupted')[1];
    expect(end).toMatch(/set-30 +waiting/);
    expect(end).toMatch(/set-1 +interrupted/);
  });

  it('fits a new size of the window; Ctrl-Z gives the terminal back, and fg draws again', () => {
    const r = play(`${MANY} --pressure --pressure-time 600`, ws.dir, 80, [
      { expect: 'page 1/4, tasks 1-8 of 30' },
      { expect: 'set-1 +running' },
      { resize: [24, 120] },
      { expect: '\\x1b\\[2J\\x1b\\[H[\\s\\S]*page 1/2, tasks 1-20 of 30' },
      { send: CTRL_Z },
      { stopped: true },
      { resize: [ROWS, 80] },
      { resume: true },
      { expect: 'page 1/4, tasks 1-8 of 30' },
      { send: DOWN },
      { expect: 'page 2/4' },
      { send: CTRL_C },
      { expect: 'was interrupted' },
    ]);
    expect(r.missing, r.output).toBeNull();
    expect(r.stops).toEqual([true]);
    expect(r.restored).toBe(true);
    // Shown when the size changed, when it was suspended, and at the end.
    expect(r.output.split(SHOW_CURSOR).length - 1).toBeGreaterThanOrEqual(3);
    expect(r.output.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(r.output.lastIndexOf(HIDE_CURSOR));
  });

  it('prints lines instead with --debug', () => {
    const r = play(`${MANY.replace(' many', ' few')} --debug`, ws.dir, 80, []);
    expect(r.code, r.output).toBe(0);
    expect(r.output).not.toContain('page 1/');
    expect(r.output).toMatch(/INFO - vllm-api-stream-chat\/set-2: Status finished, Progress 6\/6/);
  });
});
