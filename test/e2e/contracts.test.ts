/** What the scripts of AISBench's users read of a run, kept as it is: whoever changes one of these breaks them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addConfig,
  type Finished,
  linesSoFar,
  readJson,
  run,
  type SimProcess,
  start,
  startSim,
  until,
  type Workspace,
  workspace,
} from './harness.ts';

/** A config file as it was, and the lines that scripts append to a copy of it. */
const MODEL = (port: number) => `from ais_bench.benchmark.models import VLLMCustomAPIChat

models = [
    dict(
        attr="service",
        type=VLLMCustomAPIChat,
        abbr='chat',
        path="",
        model="",
        stream=True,
        request_rate=0,
        retry=2,
        host_ip="192.0.2.1",
        host_port=8080,
        max_out_len=512,
        batch_size=1,
        generation_kwargs=dict(temperature=0.5, ignore_eos=True),
    )
]
models[0]['host_ip'] = '127.0.0.1'
models[0]['host_port'] = ${port}
models[0]['max_out_len'] = 12
models[0]['batch_size'] = 4
`;
const DATASET = `from ais_bench.benchmark.datasets import SyntheticDataset

lengths = {"Method": "uniform", "Params": {"MinValue": 5, "MaxValue": 20}}
mine_datasets = [
    dict(
        abbr='mine',
        type=SyntheticDataset,
        config={"Type": "string", "RequestCount": 16, "StringConfig": {"Input": lengths, "Output": lengths}},
    )
]
`;
const SUMMARIZER = (calculator: string) => `from ais_bench.benchmark.summarizers import DefaultPerfSummarizer
from ais_bench.benchmark.calculators import ${calculator}

summarizer = dict(
    attr="performance",
    type=DefaultPerfSummarizer,
    calculator=dict(type=${calculator}, stats_list=["Average", "Min", "P99"]),
)
`;

const METRICS = [
  'E2EL',
  'TTFT',
  'TPOT',
  'ITL',
  'InputTokens',
  'OutputTokens',
  'OutputTokenThroughput',
  'PrefillTokenThroughput',
];
/** How the cells of a metric end. */
function unitOf(metric: string): RegExp {
  if (metric.endsWith('Throughput')) return / token\/s$/;
  return metric.endsWith('Tokens') ? /^\d+\.\d+$/ : / ms$/;
}

const MS = expect.stringMatching(/^\d+(\.\d{1,4})? ms$/);
const REQUESTS_PER_S = expect.stringMatching(/^\d+(\.\d{1,4})? req\/s$/);
const TOKENS_PER_S = expect.stringMatching(/^\d+(\.\d{1,4})? token\/s$/);

/** The folder that the screen names; scripts cut it out of the line. */
function folderOf({ stdout }: Pick<Finished, 'stdout'>): string {
  return /Current exp folder: (\S+)$/m.exec(stdout)![1];
}

describe('what scripts depend on', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = workspace();
    addConfig(ws, 'models/chat.py', MODEL(sim.port));
    addConfig(ws, 'datasets/mine.py', DATASET);
    addConfig(ws, 'summarizers/perf/whole.py', SUMMARIZER('DefaultPerfMetricCalculator'));
    addConfig(ws, 'summarizers/perf/steady.py', SUMMARIZER('StablePerfMetricCalculator'));
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  describe('a run', () => {
    let finished: Finished;
    let folder: string;
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    beforeAll(async () => {
      finished = await run('--models chat --datasets mine --summarizer whole --mode perf', ws.dir);
      folder = folderOf(finished);
    });

    it('exits 0, names its folder by time stamp, and announces results', () => {
      expect(finished.code, finished.stderr).toBe(0);
      expect(folder).toMatch(/\/outputs\/default\/\d{8}_\d{6}$/);
      expect(finished.stdout).toMatch(/^\d\d\/\d\d \d\d:\d\d:\d\d - AISBench - INFO - Current exp folder: /m);
      expect(finished.stdout).toContain('Performance Results of task: chat/mine:');
      expect(finished.stdout).toContain(
        `Performance Result files locate in ${join(folder, 'performances/chat')}.`,
      );
    });

    it('leaves these files and no others', () => {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          relative(folder, join(entry.parentPath, entry.name)).replace(/_\d+\.json$/, '_PID.json'),
        );
      expect(files.sort()).toEqual([
        `configs/${folder.split('/').at(-1)}_PID.json`,
        'logs/infer/chat/mine.out',
        'performances/chat/mine.csv',
        'performances/chat/mine.json',
        'performances/chat/mine_details.h5',
        'performances/chat/mine_details.jsonl',
        'performances/chat/mine_plot.html',
        'performances/chat/mine_summary.json',
      ]);
      expect(read('logs/infer/chat/mine.out')).toContain('Task [chat/mine] has finished');
    });

    it('csv: header, rows in order, units in the cells, N whole', () => {
      const [header, ...rows] = read('performances/chat/mine.csv').trimEnd().split('\n');
      expect(header).toBe('Performance Parameters,Stage,Average,Min,P99,N');
      // Rows of ours may follow; none stands between the original's.
      const cells = rows.slice(0, METRICS.length).map((row) => row.split(','));
      expect(cells.map(([metric]) => metric)).toEqual(METRICS);
      for (const [metric, stage, ...values] of cells) {
        expect(stage).toBe('total');
        expect(values.pop()).toBe('16');
        expect(values).toHaveLength(3);
        for (const value of values) expect(value).toMatch(unitOf(metric));
      }
    });

    it('json: keys in order, units in the values, four spaces', () => {
      const text = read('performances/chat/mine.json');
      expect(text).toMatch(/^\{\n {4}"Benchmark Duration": \{\n {8}"total": "/);
      const table = JSON.parse(text) as Record<string, { total: unknown }>;
      expect(Object.keys(table).slice(0, 13)).toEqual([
        'Benchmark Duration',
        'Total Requests',
        'Failed Requests',
        'Success Requests',
        'Concurrency',
        'Max Concurrency',
        'Request Throughput',
        'Total Input Tokens',
        'Prefill Token Throughput',
        'Total generated tokens',
        'Input Token Throughput',
        'Output Token Throughput',
        'Total Token Throughput',
      ]);
      expect(table).toMatchObject({
        'Benchmark Duration': { total: MS },
        'Total Requests': { total: 16 },
        'Failed Requests': { total: 0 },
        'Success Requests': { total: 16 },
        Concurrency: { total: expect.any(Number) },
        'Max Concurrency': { total: 4 },
        'Request Throughput': { total: REQUESTS_PER_S },
        'Total Input Tokens': { total: expect.any(Number) },
        'Input Token Throughput': { total: TOKENS_PER_S },
        'Output Token Throughput': { total: TOKENS_PER_S },
        'Total Token Throughput': { total: TOKENS_PER_S },
        // The spelling of the original's code, and the one of its document.
        'Total Generated Tokens': table['Total generated tokens'],
      });
    });

    it('details: a line for each request, with the original’s keys', async () => {
      const rows = read('performances/chat/mine_details.jsonl')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const ids = rows.map((row) => row.id as number).sort((a, b) => a - b);
      expect(ids).toEqual(Array.from({ length: 16 }, (_, i) => i));
      for (const row of rows) {
        expect(row).toMatchObject({
          data_abbr: 'mine',
          success: true,
          error_info: '',
          input_tokens: expect.any(Number),
          output_tokens: expect.any(Number),
          turn_id: 0,
          input: expect.any(String),
          prediction: expect.any(String),
        });
      }
      const told = rows.reduce((sum, row) => sum + (row.output_tokens as number), 0);
      const truth = (await sim.truth()).requests.slice(1, 17);
      expect(told).toBe(truth.reduce((sum, { outputTokens }) => sum + outputTokens, 0));
    });

    it('is summarized anew under the other summarizer, stage stable', async () => {
      const r = await run(
        '--models chat --datasets mine --summarizer steady --mode perf_viz --reuse',
        ws.dir,
      );
      expect(r.code, r.stderr).toBe(0);
      expect(folderOf(r)).toBe(folder);
      expect(read('performances/chat/mine.csv')).toMatch(/^E2EL,stable,/m);
      const table = readJson<Record<string, object>>(join(folder, 'performances/chat/mine.json'));
      for (const stages of Object.values(table)) expect(Object.keys(stages)).toEqual(['stable']);
    });
  });

  it('tmp/tmp_*.jsonl grows while a run goes on; after Ctrl-C the exit code is 0 and the files are there', async () => {
    addConfig(ws, 'models/chat.py', `${MODEL(sim.port)}models[0]['request_rate'] = 100\n`);
    const running = start(
      '--models chat --datasets mine --summarizer whole --mode perf --pressure --pressure-time 600',
      ws.dir,
    );
    await until('the folder is named', () => /Current exp folder: \S+\n/.test(running.stdout()));
    const folder = folderOf({ stdout: running.stdout() });
    const results = join(folder, 'performances/chat');
    const lines = () => {
      const tmp = join(results, 'tmp');
      if (existsSync(tmp))
        for (const name of readdirSync(tmp)) expect(name).toMatch(/^tmp_[0-9a-f]{8}\.jsonl$/);
      return linesSoFar(results);
    };
    const seen: number[] = [0];
    await until('the file has grown three times', () => {
      const now = lines().length;
      if (now > seen.at(-1)!) seen.push(now);
      return seen.length === 4;
    });
    expect(JSON.parse(lines()[0])).toMatchObject({
      data_abbr: 'mine',
      success: true,
      id: expect.any(Number),
    });
    running.process.kill('SIGINT');
    const r = await running.done;
    expect(r.code, r.stderr).toBe(0);
    expect(readdirSync(results).sort()).toEqual([
      'mine.csv',
      'mine.json',
      'mine_details.h5',
      'mine_details.jsonl',
      'mine_plot.html',
      'mine_rps_distribution_plot.html',
      'mine_rps_distribution_plot_with_actual_rps.html',
      'mine_summary.json',
    ]);
    const { 'Success Requests': ok } = readJson<Record<string, { total: number }>>(
      join(results, 'mine.json'),
    );
    expect(ok.total).toBeGreaterThanOrEqual(seen.at(-1)!);
  });

  it('exits 2 for a wrong flag or config and 1 for a task that failed', async () => {
    expect((await run('--models chat --datasets mine --mode perff', ws.dir)).code).toBe(2);
    addConfig(ws, 'models/away.py', MODEL(1));
    expect((await run('--models away --datasets mine --mode perf', ws.dir)).code).toBe(1);
  });
});
