/** One model task: checked field by field and across fields, then brought into its resolved form. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject } from '../core/json-object.ts';
import { protocols } from '../protocols/registry.ts';
import { checkSource, joinPath, shown } from './issue-text.ts';
import type { Loading } from './loading.ts';
import { modelTypes } from './model-types.ts';
import type { ModelConfig, TrafficConfig } from './run-config.ts';
import { type CheckedModel, ignoredModelKeys, MIN_RATE, modelTask } from './schemas.ts';
import type { Source } from './source.ts';
import { type BaseUrl, baseUrl } from './target-url.ts';

/** The task, or null when `loading` got a mistake of it. */
export function checkModel(source: Source, loading: Loading): ModelConfig | null {
  const { mistakes, warnings } = loading;
  const before = mistakes.length;
  const fields = isObject(source.value) ? withoutIgnored(source, source.value, warnings) : source.value;
  const task = checkSource(modelTask, { ...source, value: fields }, loading);
  if (isObject(fields)) {
    const wrong = (key: string, problem: string) =>
      mistakes.push({ file: source.file, path: `${source.path}.${key}`, problem });
    checkRamp(fields.traffic_cfg, wrong);
    checkUrl(fields, wrong);
    checkBodyFields(fields.generation_kwargs, wrong);
    if (loading.willSend) checkFiles(fields, loading.cwd, wrong);
  }
  if (task === null || mistakes.length > before) return null;
  const base = baseUrlOf(task);
  const model = modelConfig(task, base, source.file, loading);
  const own = [...warningsOf(task), ...base.notices, ...keyWarnings(model)];
  warnings.push(...own.map((text) => `${task.abbr}: ${text}`));
  return model;
}

type Wrong = (key: string, problem: string) => void;

function withoutIgnored(
  source: Source,
  value: Record<string, unknown>,
  warnings: string[],
): Record<string, unknown> {
  const ignored = ignoredModelKeys.filter((key) => key in value);
  if (ignored.length > 0) {
    warnings.push(`${source.path} of ${source.file}: accepted but ignored: ${ignored.join(', ')}`);
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => !ignored.some((i) => i === key)));
}

function checkRamp(traffic: unknown, wrong: Wrong): void {
  if (!isObject(traffic) || !traffic.ramp_up_strategy) return;
  const { ramp_up_start_rps: start, ramp_up_end_rps: end } = traffic;
  for (const [key, value] of Object.entries({ ramp_up_start_rps: start, ramp_up_end_rps: end })) {
    if (value === undefined || value === null || value === '') {
      wrong(`traffic_cfg.${key}`, 'expected requests per second because a ramp needs both ends, got nothing');
    }
  }
  if (typeof end !== 'number' || end < 0) return;
  if (end < MIN_RATE) {
    wrong('traffic_cfg.ramp_up_end_rps', `expected at least ${MIN_RATE} requests per second, got ${end}`);
  } else if (typeof start === 'number' && end < start) {
    wrong('traffic_cfg.ramp_up_end_rps', `expected at least ramp_up_start_rps (${start}), got ${end}`);
  }
}

function checkUrl(fields: Record<string, unknown>, wrong: Wrong): void {
  const { url } = fields;
  if (typeof url !== 'string' || url.trim() === '') return;
  try {
    baseUrl({ url, hostIp: 'localhost', hostPort: 80, enableSsl: false }, protocols.openai_chat);
  } catch {
    wrong(
      'url',
      `expected an http or https address like "http://localhost:8080/", got ${shown(url, ['url'])}`,
    );
  }
}

/** What is sent is JSON: a function, a date or NaN would silently become something else. */
function checkBodyFields(generation: unknown, wrong: Wrong): void {
  if (!isObject(generation)) return;
  const visit = (value: unknown, path: PropertyKey[]): void => {
    if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean')
      return;
    if (typeof value === 'number' && Number.isFinite(value)) return;
    if (Array.isArray(value)) value.forEach((item, i) => void visit(item, [...path, i]));
    else if (isPlain(value)) for (const [k, v] of Object.entries(value)) visit(v, [...path, k]);
    else wrong(joinPath('', path), `expected a JSON value, got ${shown(value, path)}`);
  };
  visit(generation, ['generation_kwargs']);
}

function checkFiles(fields: Record<string, unknown>, cwd: string, wrong: Wrong): void {
  for (const [key, what] of [
    ['path', "the folder of the model's tokenizer, or an empty string"],
    ['ca_file', 'a PEM file, or an empty string'],
  ]) {
    const value = fields[key];
    if (typeof value !== 'string' || value === '' || existsSync(resolve(cwd, value))) continue;
    wrong(key, `expected ${what}, but ${shown(value, [key])} does not exist`);
  }
}

function warningsOf(task: CheckedModel): string[] {
  const warnings: string[] = [];
  const { deprecated, defaultStream, protocol } = modelTypes[task.type];
  if (deprecated) {
    warnings.push(
      `type ${task.type} is deprecated and means stream: ${deprecated.stream}; write type: '${deprecated.use}', stream: ${deprecated.stream}`,
    );
  } else if (task.stream === undefined && defaultStream === undefined) {
    warnings.push('stream is not set and defaults to false, so there is no TTFT, TPOT, or ITL');
  }
  const traffic = task.traffic_cfg;
  if (traffic && !traffic.ramp_up_strategy && (traffic.ramp_up_start_rps || traffic.ramp_up_end_rps)) {
    warnings.push('ramp_up_start_rps and ramp_up_end_rps have no effect without ramp_up_strategy');
  }
  // The key under which max_out_len is sent; another one goes to the service as it is.
  const { limitKey: limit } = protocols[protocol];
  if (task.generation_kwargs[limit] != null) {
    warnings.push(`${limit} in generation_kwargs has no effect: max_out_len sets it`);
  }
  return warnings;
}

function baseUrlOf(task: CheckedModel): BaseUrl {
  const { url, host_ip: hostIp, host_port: hostPort, enable_ssl: enableSsl } = task;
  return baseUrl({ url, hostIp, hostPort, enableSsl }, protocols[modelTypes[task.type].protocol]);
}

/** A request carries one proof of who asks. */
function keyWarnings({ credentials, apiKey }: ModelConfig): string[] {
  if (credentials === undefined || apiKey === '') return [];
  return ['url contains a user and a password, which are sent as Basic; api_key is not sent'];
}

function modelConfig(task: CheckedModel, base: BaseUrl, file: string, { cwd, env }: Loading): ModelConfig {
  const type = modelTypes[task.type];
  const atCwd = (path: string) => (path === '' ? '' : resolve(cwd, path));
  return {
    abbr: task.abbr,
    ...(task.summarizer_abbr !== '' && { shownAs: task.summarizer_abbr }),
    protocol: type.protocol,
    stream: type.deprecated?.stream ?? task.stream ?? type.defaultStream ?? false,
    path: atCwd(task.path),
    model: ((protocols[type.protocol].modelInPath && task.model_name) || task.model).trim(),
    url: base.url,
    ...(base.credentials !== '' && { credentials: base.credentials }),
    ...(base.path !== undefined && { endpoint: base.path }),
    requestsPerS: task.request_rate,
    traffic: trafficConfig(task.traffic_cfg),
    useTimestamp: task.use_timestamp,
    retries: task.retry,
    apiKey: task.api_key || env.AIS_BENCH_API_KEY || env.OPENAI_API_KEY || '',
    maxOutTokens: task.max_out_len,
    batchSize: task.batch_size,
    // Also drops fields that are undefined, which JSON would.
    generation: JSON.parse(JSON.stringify(task.generation_kwargs)),
    caFile: atCwd(task.ca_file),
    insecureSkipVerify: task.insecure_skip_verify,
    file,
  };
}

function trafficConfig(traffic: CheckedModel['traffic_cfg']): TrafficConfig {
  const strategy = traffic?.ramp_up_strategy;
  return {
    burstiness: traffic?.burstiness || 0,
    ramp: strategy
      ? { strategy, startRps: Number(traffic.ramp_up_start_rps), endRps: Number(traffic.ramp_up_end_rps) }
      : null,
  };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  // Not compared with Object.prototype: a config may have been evaluated in a realm of its own.
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
