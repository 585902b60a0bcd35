/** A data-set task of a Python config in the form of our own ones. */
import type { DatasetName } from '../../datasets/registry.ts';
import type { Source } from '../check-model.ts';
import { shown } from '../issue-text.ts';
import type { Findings } from '../mistakes.ts';
import { className, isObject, refuseSymbols } from './plain.ts';
import { templateOf } from './prompt-template.ts';

/** Which of our data sets reads what a class of the original reads. */
const classes: Record<string, DatasetName> = {
  GSM8KDataset: 'gsm8k',
  SyntheticDataset: 'synthetic',
  CustomDataset: 'custom',
  MooncakeTraceDataset: 'mooncake_trace',
};

type Wrong = (key: string, problem: string) => void;

/** The task, or null when `findings` got a mistake of it. */
export function datasetTaskOf(source: Source, findings: Findings): Source | null {
  const { value } = source;
  // A base config in TypeScript brings tasks of our own form.
  if (!isObject(value) || isOurs(value)) return source;
  const before = findings.mistakes.length;
  const wrong: Wrong = (key, problem) =>
    findings.mistakes.push({ file: source.file, path: `${source.path}.${key}`, problem });
  const { type: given, eval_cfg: _, reader_cfg: reader, infer_cfg: infer, ...rest } = value;
  const type = typeOf(given, wrong);
  if (type === null) return null;
  const { outputColumn, testRange } = readerOf(reader, wrong);
  const template = inferenceOf(infer, outputColumn, wrong);
  if (findings.mistakes.length > before) return null;
  const options = type === 'synthetic' ? lifted(rest) : rest;
  const own = { ...options, ...promptOptions(type, template, source, findings) };
  const task = {
    ...source,
    value: { ...own, type, ...(testRange === null ? {} : { test_range: testRange }) },
  };
  return refuseSymbols(task, findings) ? null : task;
}

function isOurs(value: Record<string, unknown>): boolean {
  const isName = typeof value.type === 'string' && !Object.hasOwn(classes, className(value.type) ?? '');
  return isName && !('infer_cfg' in value);
}

function typeOf(given: unknown, wrong: Wrong): DatasetName | null {
  const name = className(given) ?? '';
  if (Object.hasOwn(classes, name)) return classes[name];
  const known = Object.keys(classes);
  const got = name === '' ? shown(given, []) : name;
  wrong('type', `expected one of ${known.join(', ')}, got ${got}: other data sets are not supported yet`);
  return null;
}

function readerOf(reader: unknown, wrong: Wrong): { outputColumn: string; testRange: unknown } {
  if (reader === undefined || reader === null) return { outputColumn: '', testRange: null };
  if (!isObject(reader)) {
    wrong('reader_cfg', `expected a dict, got ${shown(reader, [])}`);
    return { outputColumn: '', testRange: null };
  }
  const { test_range: testRange = null, output_column: column } = reader;
  return { outputColumn: typeof column === 'string' ? column : '', testRange };
}

const NO_EXAMPLES = 'ZeroRetriever';
const ONE_TURN = 'GenInferencer';

/** The prompt template, or null when there is none. */
function inferenceOf(infer: unknown, outputColumn: string, wrong: Wrong): unknown {
  if (infer === undefined || infer === null) return null;
  if (!isObject(infer)) {
    wrong('infer_cfg', `expected a dict, got ${shown(infer, [])}`);
    return null;
  }
  const retriever = isObject(infer.retriever) ? className(infer.retriever.type) : null;
  if (retriever !== null && retriever !== NO_EXAMPLES) {
    wrong(
      'infer_cfg.retriever',
      `expected ${NO_EXAMPLES}, got ${retriever}: examples are not looked up here; write them into the prompt template`,
    );
  }
  const inferencer = isObject(infer.inferencer) ? className(infer.inferencer.type) : null;
  if (inferencer !== null && inferencer !== ONE_TURN) {
    wrong('infer_cfg.inferencer', `expected ${ONE_TURN}, got ${inferencer}, which is not supported yet`);
  }
  const { prompt_template: prompt } = infer;
  if (prompt === undefined || prompt === null) return null;
  const place = 'infer_cfg.prompt_template';
  if (isObject(prompt)) {
    return templateOf(prompt.template, outputColumn, (key, problem) =>
      wrong(`${place}.template${key}`, problem),
    );
  }
  wrong(place, `expected a dict, got ${shown(prompt, [])}`);
  return null;
}

/** The original keeps the synthetic options below `config`. */
function lifted({ config, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return isObject(config) ? { ...rest, ...config } : config === undefined ? rest : { ...rest, config };
}

function promptOptions(
  type: DatasetName,
  template: unknown,
  source: Source,
  findings: Findings,
): Record<string, unknown> {
  if (type === 'synthetic') {
    if (template !== null && template !== '{question}') {
      findings.warnings.push(
        `${source.path} of ${source.file}: the prompt template has no effect: synthetic prompts are sent as they are generated`,
      );
    }
    return {};
  }
  if (type === 'mooncake_trace') {
    if (template !== null && template !== '{prompt}') {
      findings.warnings.push(
        `${source.path} of ${source.file}: the prompt template has no effect: prompts are as long as the trace says`,
      );
    }
    return {};
  }
  if (template !== null) return { template };
  if (type !== 'gsm8k') return {};
  findings.warnings.push(
    `${source.path} of ${source.file}: there is no prompt template, so the bare question is sent`,
  );
  return { prompt: 'bare' };
}
