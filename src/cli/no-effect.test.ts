/** "… has no effect" is held against the load that comes of a setting, in both directions. */
import { describe, expect, it } from 'vitest';
import { noEffectLines } from '../config/flags/no-effect.ts';
import { folderOf, resolveLine } from '../config/folder.fixture.ts';
import type { RunConfig } from '../config/run-config.ts';
import { UserError } from '../core/errors.ts';
import type { Target } from '../core/protocol.ts';
import { planTask } from '../plan/plan-task.ts';
import type { Salting } from '../plan/salt-task.ts';
import { protocols } from '../protocols/registry.ts';
import { createSchedule } from '../schedules/registry.ts';
import { lanesOf } from './task/send-all.ts';

interface Setting {
  flags?: string;
  /** Fields of the model task. */
  fields?: Record<string, unknown>;
  traffic?: Record<string, unknown>;
}

const ramp = { ramp_up_strategy: 'linear', ramp_up_start_rps: 1, ramp_up_end_rps: 9 };

/** Load shapes, and what else a setting may meet. */
const situations: Record<string, Setting> = {
  'a closed loop': {},
  'a request rate': { fields: { request_rate: 3 } },
  'a random request rate': { fields: { request_rate: 3 }, traffic: { burstiness: 1 } },
  'a ramp': { traffic: ramp },
  'a random ramp': { traffic: { ...ramp, burstiness: 1 } },
  'time stamps': { fields: { use_timestamp: true } },
  'a stress test': { flags: '--pressure' },
  'a stress test that adds clients': { flags: '--pressure', fields: { request_rate: 3 } },
  'a stress test that adds clients by chance': {
    flags: '--pressure',
    fields: { request_rate: 3 },
    traffic: { burstiness: 1 },
  },
  'a stress test along a ramp': { flags: '--pressure', traffic: ramp },
  'a stress test with slots one by one': { flags: '--pressure --ramp staggered:4' },
  'a stress test filled before': { flags: '--pressure --ramp staggered' },
  'slots one by one': { flags: '--ramp staggered:4' },
  'slots filled before': { flags: '--ramp staggered' },
  'a run until it is precise': { flags: '--until-precise throughput:5' },
  'a rate until it is precise': { flags: '--until-precise throughput:5', fields: { request_rate: 3 } },
  'a stress test until it is precise': { flags: '--pressure --until-precise throughput:5' },
  'a run with --debug': { flags: '--debug' },
};

/** The setting as a warning names it, and a value that is not the default. */
const settings: Record<string, Setting> = {
  '--pressure-time': { flags: '--pressure-time 7' },
  '--max-time': { flags: '--max-time 77' },
  '--hold': { flags: '--hold 5' },
  '--ramp': { flags: '--ramp staggered:3' },
  '--max-num-workers': { flags: '--max-num-workers 4' },
  '--num-warmups': { flags: '--num-warmups 5' },
  '--grace': { flags: '--grace 5' },
  use_timestamp: { fields: { use_timestamp: true } },
  request_rate: { fields: { request_rate: 2 } },
  traffic_cfg: { traffic: { burstiness: 0.5 } },
  'traffic_cfg ': { traffic: { ramp_up_strategy: 'linear', ramp_up_start_rps: 2, ramp_up_end_rps: 5 } },
  batch_size: { fields: { batch_size: 6 } },
  retry: { fields: { retry: 5 } },
};

const known = new Map<string, ReturnType<typeof resolveLine>>();

/** The run that a setting gives, resolved once. Its config is JSON, as compiling hundreds of files takes half a minute. */
function resolved({ flags = '', fields = {}, traffic = {} }: Setting) {
  const type = { type: 'VLLMCustomAPIChat', abbr: 'm', stream: true };
  const tasks = {
    models: [{ ...type, batch_size: 3, ...fields, traffic_cfg: traffic }],
    datasets: [{ abbr: 'd', type: 'demo_gsm8k' }],
    summarizer: { window: 'total' },
  };
  const file = JSON.stringify(tasks);
  const key = `${flags}\n${file}`;
  const run = known.get(key) ?? resolveLine(`run.json ${flags}`, folderOf({ 'run.json': file }));
  known.set(key, run);
  return run;
}

const target: Target = {
  protocol: 'openai_chat',
  url: 'http://localhost/',
  model: 'm',
  apiKey: '',
  stream: true,
  maxOutTokens: 5,
  generation: {},
};

const salting: Salting = {
  use: { policy: 'as-is', salt: '', saltTokens: 8, sharedShare: 0, primed: 0, repeats: '' },
  source: { seed: [0, 0], words: [] },
  places: () => null,
  primers: [],
};

/** Everything that can be seen of the load; 'refused' when the settings exclude each other. */
function loadOf(config: RunConfig): unknown {
  const rows = Array.from({ length: 9 }, (_, i) => ({ id: String(i), prompt: 'x', timestampMs: 70 * i }));
  try {
    const plan = planTask(config, config.tasks[0].model, {
      protocol: protocols.openai_chat,
      target,
      samples: rows,
      salting,
    });
    const schedule = createSchedule(plan.schedule);
    const { paced, limit, requests, held = 0, durationMs } = schedule;
    const canHold = !paced || held > 0 || Number.isFinite(durationMs);
    const sends = Array.from({ length: Math.min(requests + held, 20) }, (_, i) => schedule.dueAt(i));
    return {
      sends,
      slots: Array.from({ length: limit }, (_, slot) => schedule.slotOpensAt(slot)),
      shape: [paced, limit, requests, durationMs],
      hold: canHold ? [plan.holdMs, held] : 'none',
      fillFirst: plan.fillFirst,
      others: [plan.warmups, plan.retries, plan.graceMs],
      together: lanesOf(config, 8),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return 'refused';
  }
}

const both = (a: Setting, b: Setting): Setting => ({
  flags: [a.flags ?? '', b.flags ?? ''].join(' '),
  fields: { ...a.fields, ...b.fields },
  traffic: { ...a.traffic, ...b.traffic },
});

/** A situation that says something of the setting already cannot show what it adds. */
function isSaidAlready(situation: Setting, setting: Setting): boolean {
  const words = ({ flags = '', fields, traffic }: Setting) => [
    ...flags.split(' ').filter((word) => word.startsWith('--')),
    ...Object.keys({ ...fields, ...traffic }),
  ];
  return words(setting).some((word) => words(situation).includes(word));
}

const withoutNames = (warnings: string[]) =>
  warnings.filter((w) => w.includes(' has no effect ')).map((w) => w.replace(/^m: /, ''));

describe.each(Object.entries(situations))('in %s', (_, situation) => {
  const possible = Object.entries(settings).filter(([, setting]) => !isSaidAlready(situation, setting));

  it.each(possible)('%s is said to have no effect exactly when it has none', async (name, setting) => {
    const without = await resolved(situation);
    const withIt = await resolved(both(situation, setting));
    const has = JSON.stringify(loadOf(withIt.config)) !== JSON.stringify(loadOf(without.config));
    const said = withoutNames(withIt.warnings).filter((w) => w.startsWith(`${name.trim()} has`));
    expect({ has, said }).toEqual({ has, said: has ? [] : [expect.stringContaining(name.trim())] });
  });
});

describe('the table', () => {
  it('has no row that no situation shows', async () => {
    const said = new Set<string>();
    for (const situation of Object.values(situations)) {
      for (const setting of Object.values(settings)) {
        if (isSaidAlready(situation, setting)) continue;
        for (const line of withoutNames((await resolved(both(situation, setting))).warnings)) said.add(line);
      }
    }
    const shown = await resolved({ flags: '--mode perf_viz --spec-decode' });
    for (const line of withoutNames(shown.warnings)) said.add(line);
    expect(noEffectLines.filter((line) => !said.has(line))).toEqual([]);
  });

  it('says of --spec-decode what becomes of it', async () => {
    const sending = await resolved({ flags: '--spec-decode' });
    expect([sending.config.specDecode, sending.warnings]).toEqual([true, []]);
    const shown = await resolved({ flags: '--mode perf_viz --spec-decode' });
    expect([shown.config.specDecode, withoutNames(shown.warnings).length]).toEqual([false, 1]);
  });
});
