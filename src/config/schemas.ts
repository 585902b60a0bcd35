/**
 * What each task config may hold. Every message completes the line `models[0].retry: …, got "two"`.
 * Checks that compare several fields are in `check-model.ts`, so that they report beside these, not after them.
 */
import { z } from 'zod';
import { stageRuleNames } from '../analysis/windows/registry.ts';
import { modelTypeNames } from './model-types.ts';
import { isHost } from './target-url.ts';

const MAX_TOKENS = 2 ** 31 - 1;
export const MIN_RATE = 0.001;
const MAX_RATE = 64_000;

const text = () => z.string('expected a string');
const flag = () => z.boolean('expected true or false');

function whole(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

/** The original writes an unset number as null or ''. */
function optionalNumber(message: string) {
  return z.union([z.number(message).min(0, message), z.literal(''), z.null()], message).optional();
}

export const trafficTask = z.strictObject({
  burstiness: optionalNumber('expected a number of at least 0 (0: constant gaps, 1: Poisson)').describe(
    'Variation of the gaps between arrivals: 0 constant (default), 1 Poisson, other values gamma with this shape.',
  ),
  ramp_up_strategy: z
    .enum(['linear', 'exponential', ''], 'expected "linear", "exponential" or null')
    .nullable()
    .optional()
    .describe('How the rate grows from the first request to the last; null for a constant `request_rate`.'),
  ramp_up_start_rps: optionalNumber('expected requests per second, at least 0').describe(
    'Requests per second at the start of the ramp.',
  ),
  ramp_up_end_rps: optionalNumber('expected requests per second, at least 0').describe(
    'Requests per second at the end of the ramp; not below the start.',
  ),
});

export const modelTask = z.strictObject({
  attr: z
    .literal('service', 'expected "service": only inference services can be tested')
    .default('service')
    .describe('Kind of model. Only services can be tested.'),
  type: z
    .enum(modelTypeNames)
    .describe('Wire dialect: VLLMCustomAPIChat is `v1/chat/completions`, VLLMCustomAPI is `v1/completions`.'),
  abbr: text()
    .trim()
    .min(1, 'expected a short name that is not empty')
    .describe('Short unique name of the results folder.'),
  summarizer_abbr: text()
    .trim()
    .default('')
    .describe('Name above the result tables; empty: `abbr`. The folder is still named `abbr`.'),
  path: text()
    .default('')
    .describe(
      "Folder of the model's tokenizer (`tokenizer.json`); empty: the service's own counts, otherwise an embedded tokenizer.",
    ),
  model: text()
    .default('')
    .describe('Name under which the service loaded the model; empty: the one that `v1/models` lists.'),
  model_name: text()
    .default('')
    .describe("Triton only: the model's name in the path, as AISBench spells it; `model` means the same."),
  stream: flag()
    .optional()
    .describe('Request a stream of tokens. Without it there is no TTFT, TPOT, or ITL. Default false.'),
  request_rate: z
    .number(`expected requests per second: 0, or ${MIN_RATE} to ${MAX_RATE}`)
    .refine(
      (rate) => rate === 0 || (rate >= MIN_RATE && rate <= MAX_RATE),
      `expected requests per second: 0, or ${MIN_RATE} to ${MAX_RATE}`,
    )
    .default(0)
    .describe(
      'Requests per second, 0.001 to 64000; 0 (default): keep `batch_size` requests in flight. In a stress test: clients added per second and worker.',
    ),
  traffic_cfg: trafficTask.nullable().optional().describe('Burstiness and ramp of the arrivals.'),
  use_timestamp: flag()
    .default(false)
    .describe(
      'Send each request at the timestamp that its dataset gives it; overrides `request_rate`. Default false.',
    ),
  retry: whole(0, 1000)
    .default(2)
    .describe('Retries after a failed connection or an HTTP 429, 502, 503 or 504, 0 to 1000. Default 2.'),
  api_key: text()
    .default('')
    .describe(
      'Sent as a bearer token, never stored or printed; empty: the environment variable AIS_BENCH_API_KEY or OPENAI_API_KEY.',
    ),
  host_ip: text()
    .refine(isHost, 'expected a host name or an IP address (use `url` for a full address)')
    .default('localhost')
    .describe('Host name or IP address of the service. Default `localhost`.'),
  host_port: whole(1, 65_535).default(8080).describe('Port of the service. Default 8080.'),
  url: text()
    .default('')
    .describe(
      'Base URL, e.g. `https://example.org/llm/`; replaces `host_ip` and `host_port`. It may end with an endpoint such as `/v1/chat/completions`; `user:password@` is sent as Basic instead of `api_key`.',
    ),
  enable_ssl: flag()
    .default(false)
    .describe('Use https instead of http when `url` has no scheme. Default false.'),
  ca_file: text().default('').describe('PEM file of an additional trusted certificate authority.'),
  insecure_skip_verify: flag()
    .default(false)
    .describe('Accept any certificate of the service. Default false.'),
  max_out_len: whole(1, MAX_TOKENS)
    .default(512)
    .describe('Maximum tokens to generate when the dataset sets no limit. Default 512.'),
  batch_size: whole(1, 100_000)
    .default(1)
    .describe('Maximum concurrent requests (Max Concurrency in the results), 1 to 100000. Default 1.'),
  trust_remote_code: flag().optional().describe('Accepted but ignored: no remote code is ever run.'),
  generation_kwargs: z
    .record(z.string(), z.unknown(), 'expected an object of body fields')
    .default({})
    .describe(
      'Added to every request body: temperature, top_p, ignore_eos … A null removes a field that is sent by default (stream_options, max_tokens …); max_completion_tokens replaces max_tokens.',
    ),
});

export type CheckedModel = z.output<typeof modelTask>;

/**
 * Fields of the original's model tasks that only matter to accuracy evaluation or to nothing: a ported
 * config may hold them, with a warning.
 */
export const ignoredModelKeys = [
  'verbose',
  'pred_postprocessor',
  'returns_tool_calls',
  'min_out_len',
  'run_cfg',
] as const;

const RANGE = 'expected a slice like "[0:100]" or "[::2]", or the number of rows to pick at random';

/** A number becomes text, so that one field holds every form. */
const testRange = () =>
  z.union(
    [
      z
        .string()
        .regex(/^\s*(\[\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(:\s*([+-]?0*[1-9]\d*)?\s*)?\])?\s*$/, RANGE),
      z
        .number()
        .positive(RANGE)
        .refine((n) => n < 1 || Number.isSafeInteger(n), RANGE)
        .transform(String),
    ],
    RANGE,
  );

/** The fields that every data-set task has; the others are options of its type. */
export const datasetTask = z.object({
  abbr: text()
    .trim()
    .min(1, 'expected a short name that is not empty')
    .describe('Short unique name, with which the result files begin.'),
  test_range: testRange().optional().describe('Slice of the rows as in Python, e.g. `[0:100]`; default all.'),
  reader_cfg: z
    .strictObject({
      test_range: testRange().optional().describe('Same as `test_range` beside it, which takes precedence.'),
    })
    .optional()
    .describe('Where AISBench keeps `test_range`; accepted as well.'),
});
export const datasetTaskKeys = ['type', ...Object.keys(datasetTask.shape)];

const statNames = ['Average', 'Min', 'Max', 'Median', ...Array.from({ length: 99 }, (_, i) => `P${i + 1}`)];
const defaultStats = ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'];
const MAX_STATS = 8;

/** `P05` is an accepted way to write `P5`. */
const statName = z.preprocess(
  (name) => (typeof name === 'string' ? name.replace(/^P0+(?=\d)/, 'P') : name),
  z.enum(statNames, 'expected Average, Min, Max, Median or P1 … P99'),
);

export const summarizerTask = z.strictObject({
  attr: z
    .literal('performance', 'expected "performance"')
    .optional()
    .describe('Kind of summarizer. Only performance is summarized.'),
  window: z
    .enum(['total', 'stable_stage'])
    .describe('Which requests the tables cover: all (`total`) or the stable stage (`stable_stage`).'),
  rule: z
    .enum(stageRuleNames)
    .default('document')
    .describe(
      "How the stable stage is found: as in the AISBench document (default), as in AISBench's main branch (`upstream`) or its release 3.1 (`upstream-3.1`), or as the steady window in the data (`automatic`).",
    ),
  definitions: z
    .enum(['product', 'upstream'])
    .default('product')
    .describe(
      'What a token is: an event with generated output (`product`, default) or every event (`upstream`).',
    ),
  profile: z
    .enum(['default', 'mlperf'])
    .default('default')
    .describe(
      'Checks for the steady window; `mlperf` requires at least 600 s instead of 60 s, and adds MLPerf’s drift test over passes of the dataset and its early-stopping percentiles.',
    ),
  stats_list: z
    .array(statName, `expected a list of 1 to ${MAX_STATS} statistics`)
    .min(1, `expected a list of 1 to ${MAX_STATS} statistics`)
    .max(MAX_STATS, `expected a list of 1 to ${MAX_STATS} statistics`)
    .default(defaultStats)
    .describe('Columns of the table: up to 8 of Average, Min, Max, Median, P1 … P99.'),
});
