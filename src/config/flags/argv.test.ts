import { describe, expect, it } from 'vitest';
import { flagsOf, mistakesOf } from '../folder.fixture.ts';
import { parseArgv } from './argv.ts';
import { readFlags } from './read-flags.ts';

/** Without a flag. */
const defaults = { ...readFlags({}, undefined), given: expect.any(Set) };
const demo = 'demo_gsm8k_gen_4_shot_cot_chat_prompt';
const chat = {
  models: ['vllm_api_stream_chat'],
  datasets: [demo],
  summarizer: 'stable_stage',
};

describe('commands of the document', () => {
  it.each([
    [
      `--models vllm_api_general_chat --datasets ${demo} --summarizer stable_stage --mode perf`,
      { ...chat, models: ['vllm_api_general_chat'] },
    ],
    [
      `--models vllm_api_stream_chat --datasets ${demo} --summarizer stable_stage --mode perf --pressure --search`,
      { ...chat, pressure: true, search: true },
    ],
    [
      `--models vllm_api_stream_chat --datasets ${demo} --summarizer stable_stage --mode perf  --debug`,
      { ...chat, debug: true },
    ],
    [
      `--models vllm_api_stream_chat --datasets ${demo} --summarizer stable_stage --mode perf --pressure --pressure-time 30`,
      { ...chat, pressure: true, pressureMs: 30_000 },
    ],
  ])('%s', (line, expected) => {
    expect(flagsOf(line)).toEqual({ ...defaults, ...expected });
  });
});

describe('flags', () => {
  it('that are not given have the documented defaults', () => {
    expect(defaults).toMatchObject({
      mode: 'perf',
      pressureMs: 15_000,
      maxTimeMs: 1_800_000,
      stallMs: 600_000,
      maxErrorPct: 100,
      maxNumWorkers: 1,
      seed: 0,
      mergeDs: true,
      keepText: true,
      customDatasetDataType: 'auto',
    });
    const { models, datasets } = defaults;
    expect([...models, ...datasets]).toEqual([]);
    for (const key of [
      'warmups',
      'workers',
      'cache',
      'graceMs',
      'waitMs',
      'holdMs',
      'rampMs',
      'reuse',
    ] as const)
      expect(defaults[key], key).toBeNull();
  });

  it.each([
    ['--models a b --models c --datasets d', { models: ['a', 'b', 'c'], datasets: ['d'] }],
    ['-m perf_viz -r -w out', { mode: 'perf_viz', reuse: 'latest', workDir: 'out' }],
    ['--reuse 20250628_151326 -s', { reuse: '20250628_151326', search: true }],
    ['run.ts --dry-run', { config: 'run.ts', dryRun: true }],
    ['--num-prompts none --num-warmups 0', { numPrompts: null, warmups: 0 }],
    ['--num-prompts 7 --max-num-workers 2', { numPrompts: 7, maxNumWorkers: 2 }],
    [
      '--until-precise throughput:1,ttft_p99:5.5 --max-time 90 --hold 3',
      {
        untilPrecise: [
          { metric: 'throughput', percent: 1 },
          { metric: 'ttft_p99', percent: 5.5 },
        ],
        maxTimeMs: 90_000,
        holdMs: 3000,
      },
    ],
    ['--ramp staggered:4.2', { rampMs: 4200 }],
    ['--ramp staggered', { rampMs: 'e2el' }],
    ['--require steady', { requireSteady: true }],
    ['--stall-timeout 30 --max-error-rate 2.5', { stallMs: 30_000, maxErrorPct: 2.5 }],
    ['--seed 9 --grace 5 --no-keep-text --verify', { seed: 9, graceMs: 5000, keepText: false, verify: true }],
    ['--wait 0', { waitMs: 0 }],
    ['--pressure-time=86400 --workers 0', { pressureMs: 86_400_000, workers: 0 }],
  ])('%s', (line, expected) => {
    expect(flagsOf(line)).toEqual({ ...defaults, ...expected });
  });

  it('prints help and version instead of leaving the process', () => {
    for (const argv of [['--help'], ['-h', '--models', 'x'], [], ['help']]) {
      const parsed = parseArgv(argv);
      expect(parsed).toMatchObject({ command: 'help' });
      expect('text' in parsed && parsed.text).toMatch(
        /--pressure-time[\s\S]*Accuracy[\s\S]*perf_viz --reuse/,
      );
    }
    expect(parseArgv(['--version'])).toEqual({
      command: 'version',
      text: expect.stringMatching(/^ais_bench \d+\.\d+\.\d+\n$/),
    });
  });
});

describe('wrong flags', () => {
  it.each([
    ['--pressure-time 0', '--pressure-time: expected a whole number of seconds from 1 to 86400, got "0"'],
    [
      '--pressure-time 86401',
      '--pressure-time: expected a whole number of seconds from 1 to 86400, got "86401"',
    ],
    ['--pressure-time 1e3', '--pressure-time: expected a whole number of seconds from 1 to 86400, got "1e3"'],
    ['--num-prompts 0', '--num-prompts: expected a whole number of at least 1, got "0"'],
    [
      '--ramp staggered --num-warmups 0',
      '--ramp: staggered needs warm-ups to learn E2EL, but --num-warmups is 0; give staggered:SECONDS',
    ],
    [
      '--ramp staggered --spec-decode',
      '--ramp: staggered sends fill requests, which --spec-decode would count; give staggered:SECONDS',
    ],
    ['--num-warmups -1', '--num-warmups: expected a whole number of at least 0, got "-1"'],
    ['--mode prf', '--mode: expected "perf" or "perf_viz", got "prf" (did you mean "perf"?)'],
    [
      '-r run.ts',
      `--reuse: expected a run timestamp like 20250628_151326, or nothing for the latest run, got "run.ts"`,
    ],
    [
      '--custom-dataset-data-type mc',
      '--custom-dataset-data-type: expected "auto", "qa" or "mcq", got "mc" (did you mean "mcq"?)',
    ],
    ['--custom-dataset-infer-method ppl', '--custom-dataset-infer-method: expected "gen", got "ppl"'],
    [
      '--max-workers-per-gpu 2',
      '--max-workers-per-gpu: this tool runs nothing on a GPU; --workers sets the number of threads',
    ],
    ['--no-response-anomaly', '--no-response-anomaly: accuracy evaluation is not part of this product'],
  ])('%s', async (line, expected) => {
    expect(await mistakesOf(() => flagsOf(line))).toEqual([`command line: ${expected}`]);
  });

  it.each(['all', 'infer', 'eval', 'viz', 'judge', 'infer_judge'])('--mode %s is accuracy', async (mode) => {
    expect(await mistakesOf(() => flagsOf(`--mode ${mode}`))).toEqual([
      `command line: --mode: "${mode}": accuracy evaluation is not part of this product; expected "perf" (send and summarize) or "perf_viz" (summarize a recorded run)`,
    ]);
  });

  it('reports all wrong values together', async () => {
    const lines = await mistakesOf(() => flagsOf('--mode x --seed y --grace z --dump-eval-details'));
    expect(lines).toHaveLength(4);
  });

  it.each([
    ['--modles x', "unknown option '--modles' (Did you mean --models?)"],
    ['--models', "option '--models <names...>' argument missing"],
    ['a.ts b.ts', 'too many arguments. Expected 1 argument but got 2.'],
  ])('%s', async (line, message) => {
    expect(await mistakesOf(() => flagsOf(line))).toEqual([message]);
  });
});
