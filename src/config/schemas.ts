/**
 * What each task config may hold. Every message completes the line `models[0].retry: …, got "two"`.
 * Checks that compare several fields are in `check.ts`, so that they report beside these, not after them.
 */
import { z } from 'zod';
import { modelTypeNames } from './model-types.ts';
import { isHost } from './target-url.ts';

const MOST_TOKENS = 2 ** 31 - 1;
export const LEAST_RATE = 0.001;
const MOST_RATE = 64_000;

const text = () => z.string('expected a text');
const flag = () => z.boolean('expected true or false');

function whole(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

/** The original writes an unset number as null or ''. */
function optionalNumber(message: string) {
  return z.union([z.number(message).min(0, message), z.literal(''), z.null()], message).optional();
}

const trafficTask = z.strictObject({
  burstiness: optionalNumber('expected a number of at least 0: 0 constant gaps, 1 Poisson'),
  ramp_up_strategy: z
    .enum(['linear', 'exponential', ''], 'expected "linear", "exponential" or null')
    .nullable()
    .optional(),
  ramp_up_start_rps: optionalNumber('expected requests per second, at least 0'),
  ramp_up_end_rps: optionalNumber('expected requests per second, at least 0'),
});

export const modelTask = z.strictObject({
  attr: z.literal('service', 'expected "service": only inference services can be tested').default('service'),
  type: z.enum(modelTypeNames),
  abbr: text().trim().min(1, 'expected a short name that is not empty'),
  path: text().default(''),
  model: text().default(''),
  model_name: text().default(''),
  stream: flag().optional(),
  request_rate: z
    .number(`expected requests per second: 0, or ${LEAST_RATE} to ${MOST_RATE}`)
    .refine(
      (rate) => rate === 0 || (rate >= LEAST_RATE && rate <= MOST_RATE),
      `expected requests per second: 0, or ${LEAST_RATE} to ${MOST_RATE}`,
    )
    .default(0),
  traffic_cfg: trafficTask.nullable().optional(),
  use_timestamp: flag().default(false),
  retry: whole(0, 1000).default(2),
  api_key: text().default(''),
  host_ip: text()
    .refine(isHost, 'expected a host name or an IP address (a whole address goes into `url`)')
    .default('localhost'),
  host_port: whole(1, 65_535).default(8080),
  url: text().default(''),
  enable_ssl: flag().default(false),
  ca_file: text().default(''),
  insecure_skip_verify: flag().default(false),
  max_out_len: whole(1, MOST_TOKENS).default(512),
  batch_size: whole(1, 100_000).default(1),
  trust_remote_code: flag().optional(),
  generation_kwargs: z.record(z.string(), z.unknown(), 'expected an object of body fields').default({}),
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
  'summarizer_abbr',
  'min_out_len',
  'run_cfg',
] as const;

const testRange = () =>
  text().regex(
    /^\s*(\[\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(:\s*([+-]?0*[1-9]\d*)?\s*)?\])?\s*$/,
    'expected a slice like "[0:100]" or "[::2]"',
  );

/** The fields that every data-set task has; the others are options of its type. */
export const datasetTask = z.object({
  abbr: text().trim().min(1, 'expected a short name that is not empty'),
  test_range: testRange().optional(),
  reader_cfg: z.strictObject({ test_range: testRange().optional() }).optional(),
});
export const datasetTaskKeys = ['type', ...Object.keys(datasetTask.shape)];

export const statNames = [
  'Average',
  'Min',
  'Max',
  'Median',
  ...Array.from({ length: 99 }, (_, i) => `P${i + 1}`),
];
const defaultStats = ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'];
const MOST_STATS = 8;

/** `P05` is an accepted way to write `P5`. */
const statName = z.preprocess(
  (name) => (typeof name === 'string' ? name.replace(/^P0+(?=\d)/, 'P') : name),
  z.enum(statNames, 'expected Average, Min, Max, Median or P1 … P99'),
);

export const summarizerTask = z.strictObject({
  attr: z.literal('performance', 'expected "performance"').optional(),
  window: z.enum(['total', 'stable_stage']),
  rule: z.enum(['document', 'upstream']).default('document'),
  definitions: z.enum(['product', 'upstream']).default('product'),
  stats_list: z
    .array(statName, `expected a list of 1 to ${MOST_STATS} statistics`)
    .min(1, `expected a list of 1 to ${MOST_STATS} statistics`)
    .max(MOST_STATS, `expected a list of 1 to ${MOST_STATS} statistics`)
    .default(defaultStats),
});
