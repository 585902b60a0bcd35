import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addConfig, run, type SimProcess, startSim, type Workspace, workspace } from './harness.ts';

const model = (port: number) => `from ais_bench.benchmark.models import VLLMCustomAPIChatStream

models = [
    dict(
        attr="service",
        type=VLLMCustomAPIChatStream,
        abbr='vllm-api-stream-chat',
        path="",                    # no tokenizer: the service counts
        model="",
        request_rate = 0,
        retry = 2,
        host_ip = "localhost",
        host_port = ${port},
        max_out_len = 512,
        batch_size=3,
        generation_kwargs = dict(temperature = 0.5, top_k = 10, seed = None, ignore_eos = True),
    )
]
models[0]['max_out_len'] = 2 ** 4
`;

describe('a Python model config of the original', () => {
  let sim: SimProcess;
  let ws: Workspace;
  beforeAll(async () => {
    sim = await startSim({ speed: 20 });
    ws = workspace();
    addConfig(ws, 'models/theirs.py', model(sim.port));
  });
  afterAll(async () => {
    await sim.stop();
    ws.remove();
  });

  it('runs as it is', async () => {
    const r = await run(
      '--models theirs --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt --summarizer stable_stage --mode perf',
      ws.dir,
    );
    expect(r.code, r.stdout + r.stderr).toBe(0);
    expect(r.stderr).toContain('VLLMCustomAPIChatStream');
    const truth = (await sim.truth()).requests;
    // One warm-up and eight rows, each as long as the config's last line says.
    expect(truth.map((t) => t.outputTokens)).toEqual(Array(9).fill(16));
  });
});
