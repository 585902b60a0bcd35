/** A data-set task of a Python config in the form of our own ones. */
import type { DatasetName } from '../../datasets/registry.ts';
import { rowLayouts } from '../../datasets/row-layouts.ts';
import type { Source } from '../check-model.ts';
import { shown } from '../issue-text.ts';
import type { Findings } from '../mistakes.ts';
import { type Inference, inferenceOf } from './inference.ts';
import { className, isObject, refuseSymbols } from './plain.ts';

/** Which of our data sets reads what a class of the original reads. */
const classes: Record<string, DatasetName> = {
  GSM8KDataset: 'gsm8k',
  SyntheticDataset: 'synthetic',
  CustomDataset: 'custom',
  MooncakeTraceDataset: 'mooncake_trace',
  MMCustomDataset: 'mm_custom',
  BoolQDatasetV2: 'boolq',
  CEvalDataset: 'ceval',
  CMMLUDataset: 'cmmlu',
  HumanevalDataset: 'humaneval',
  Aime2024Dataset: 'aime2024',
  Aime2025Dataset: 'aime2025',
  Aime2026Dataset: 'aime2026',
  LongBenchv2Dataset: 'longbenchv2',
};

/** LongBench has a class for each subset there. */
function dataSetOf(name: string): DatasetName | null {
  if (Object.hasOwn(classes, name)) return classes[name];
  return /^LongBench\w+Dataset$/.test(name) ? 'longbench' : null;
}
  ShareGPTDataset: 'sharegpt',
  MTBenchDataset: 'mtbench',
};

/** What is left of the original's template for conversations once the answer's column is cut out. */
const QUESTION_TURN = [{ role: 'HUMAN', prompt: '{question}' }];

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
  const inference = inferenceOf(infer, outputColumn, wrong);
  if (inference.fewShot !== null && !Object.hasOwn(rowLayouts, type)) {
    wrong(
      'infer_cfg.retriever',
      'expected ZeroRetriever, got FixKRetriever: rows of this data set cannot be examples; write them into the prompt template',
    );
  }
  if (findings.mistakes.length > before) return null;
  const options = type === 'synthetic' ? lifted(rest) : rest;
  const own = { ...options, ...promptOptions(type, inference, source, findings) };
  const template = inferenceOf(type, infer, outputColumn, wrong);
  if (findings.mistakes.length > before) return null;
  const options = type === 'synthetic' ? lifted(rest) : rest;
  const own = {
    ...options,
    ...promptOptions(type, template, source, findings),
    ...inferModeOf(infer),
  };
  const task = {
    ...source,
    value: { ...own, type, ...(testRange === null ? {} : { test_range: testRange }) },
  };
  return refuseSymbols(task, findings) ? null : task;
}

function isOurs(value: Record<string, unknown>): boolean {
  const isName = typeof value.type === 'string' && dataSetOf(className(value.type) ?? '') === null;
  return isName && !('infer_cfg' in value);
}

function typeOf(given: unknown, wrong: Wrong): DatasetName | null {
  const name = className(given) ?? '';
  const found = dataSetOf(name);
  if (found !== null) return found;
  const known = [...Object.keys(classes), 'LongBench…Dataset'];
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
const MANY_TURNS = 'MultiTurnGenInferencer';
const conversations: readonly DatasetName[] = ['sharegpt', 'mtbench'];

/** The prompt template, or null when there is none. */
function inferenceOf(type: DatasetName, infer: unknown, outputColumn: string, wrong: Wrong): unknown {
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
  const expected = conversations.includes(type) ? MANY_TURNS : ONE_TURN;
  if (inferencer !== null && inferencer !== expected) {
    wrong('infer_cfg.inferencer', `expected ${expected}, got ${inferencer}, which is not supported yet`);
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

/** How the turns of a conversation are sent; the original keeps it with the inferencer. */
function inferModeOf(infer: unknown): Record<string, unknown> {
  const inferencer = isObject(infer) && isObject(infer.inferencer) ? infer.inferencer : {};
  return inferencer.infer_mode === undefined ? {} : { infer_mode: inferencer.infer_mode };
}

/** The original keeps the synthetic options below `config`. */
function lifted({ config, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return isObject(config) ? { ...rest, ...config } : config === undefined ? rest : { ...rest, config };
}

function promptOptions(
  type: DatasetName,
  { template, fewShot }: Inference,
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
  if (template !== null) return { template, ...fewShot };
  if (type !== 'gsm8k') return { ...fewShot };
  if (conversations.includes(type)) {
    if (JSON.stringify(template ?? QUESTION_TURN) !== JSON.stringify(QUESTION_TURN)) {
      findings.warnings.push(
        `${source.path} of ${source.file}: the prompt template has no effect: conversations are sent as they were recorded`,
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
