/** A data-set task of a Python config in the form of our own ones. */
import type { DatasetName } from '../../datasets/registry.ts';
import { rowLayouts } from '../../datasets/row-layouts.ts';
import { shown } from '../issue-text.ts';
import type { Findings } from '../mistakes.ts';
import type { Source } from '../source.ts';
import { type Inference, inferenceOf } from './inference.ts';
import { datasetWithoutOriginalKeys } from './original-keys.ts';
import { className, isPlainObject, refuseSymbols } from './plain.ts';

/** Which of our data sets reads what a class of the original reads. */
const classes: Record<string, DatasetName> = {
  GSM8KDataset: 'gsm8k',
  SyntheticDataset: 'synthetic',
  CustomDataset: 'custom',
  MooncakeTraceDataset: 'mooncake_trace',
  MMCustomDataset: 'mm_custom',
  TEXTVQADataset: 'textvqa',
  BoolQDatasetV2: 'boolq',
  CEvalDataset: 'ceval',
  CMMLUDataset: 'cmmlu',
  HumanevalDataset: 'humaneval',
  Aime2024Dataset: 'aime2024',
  Aime2025Dataset: 'aime2025',
  Aime2026Dataset: 'aime2026',
  LongBenchv2Dataset: 'longbenchv2',
  NeedleBenchOriginDataset: 'needlebench_origin',
  NeedleBenchParallelDataset: 'needlebench_parallel',
  NeedleBenchMultiDataset: 'needlebench_multi',
  NeedleBenchATCDataset: 'needlebench_atc',
  ShareGPTDataset: 'sharegpt',
  MTBenchDataset: 'mtbench',
};

/** LongBench has a class for each subset there. */
function dataSetOf(name: string): DatasetName | null {
  if (Object.hasOwn(classes, name)) return classes[name];
  return /^LongBench\w+Dataset$/.test(name) ? 'longbench' : null;
}

const conversations: readonly DatasetName[] = ['sharegpt', 'mtbench'];

/** What is left of the original's template for conversations once the answer's column is cut out. */
const QUESTION_TURN = [{ role: 'HUMAN', prompt: '{question}' }];

type Wrong = (key: string, problem: string) => void;

/** The task, or null when `findings` got a mistake of it. */
export function datasetTaskOf(source: Source, findings: Findings): Source | null {
  const { value } = source;
  // A base config in TypeScript brings tasks of our own form.
  if (!isPlainObject(value)) return source;
  if (isOurs(value)) return { ...source, value: datasetWithoutOriginalKeys(value) };
  const before = findings.mistakes.length;
  const wrong: Wrong = (key, problem) =>
    findings.mistakes.push({ file: source.file, path: `${source.path}.${key}`, problem });
  // Accuracy is judged elsewhere.
  const { eval_cfg: _, judge_infer_cfg: __, ...measured } = value;
  const { type: given, reader_cfg: reader, infer_cfg: infer, k = 1, n = 1, ...rest } = measured;
  const type = typeOf(given, wrong);
  if (type === null) return null;
  // Samples drawn for a pass@k score; one is what a performance run sends.
  for (const [key, times] of Object.entries({ k, n }))
    if (times !== 1)
      wrong(key, `expected 1, got ${shown(times, [])}: \`num_return_sequences\` sends a row several times`);
  const { outputColumn, testRange } = readerOf(reader, wrong);
  const inference = inferenceOf(infer, outputColumn, conversations.includes(type), wrong);
  if (inference.fewShot !== null && !Object.hasOwn(rowLayouts, type)) {
    wrong(
      'infer_cfg.retriever',
      'expected ZeroRetriever, got FixKRetriever: rows of this dataset cannot be examples; write them into the prompt template',
    );
  }
  if (findings.mistakes.length > before) return null;
  const options = type === 'synthetic' ? lifted(rest) : rest;
  const own = {
    ...options,
    ...promptOptions(type, inference, source, findings),
    ...(inference.mode !== undefined && { infer_mode: inference.mode }),
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
  wrong('type', `expected one of ${known.join(', ')}, got ${got}: other datasets are not supported`);
  return null;
}

function readerOf(reader: unknown, wrong: Wrong): { outputColumn: string; testRange: unknown } {
  if (reader === undefined || reader === null) return { outputColumn: '', testRange: null };
  if (!isPlainObject(reader)) {
    wrong('reader_cfg', `expected a dict, got ${shown(reader, [])}`);
    return { outputColumn: '', testRange: null };
  }
  const { test_range: testRange = null, output_column: column } = reader;
  return { outputColumn: typeof column === 'string' ? column : '', testRange };
}

/** The original keeps the synthetic options below `config`. */
function lifted({ config, ...rest }: Record<string, unknown>): Record<string, unknown> {
  if (isPlainObject(config)) return { ...rest, ...config };
  return config === undefined ? rest : { ...rest, config };
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
        `${source.path} of ${source.file}: the prompt template is ignored, because synthetic prompts are sent as generated`,
      );
    }
    return {};
  }
  if (type === 'mooncake_trace') {
    if (template !== null && template !== '{prompt}') {
      findings.warnings.push(
        `${source.path} of ${source.file}: the prompt template is ignored, because the trace sets the length of prompts`,
      );
    }
    return {};
  }
  if (conversations.includes(type)) {
    if (JSON.stringify(template ?? QUESTION_TURN) !== JSON.stringify(QUESTION_TURN)) {
      findings.warnings.push(
        `${source.path} of ${source.file}: the prompt template is ignored, because conversations are sent as recorded`,
      );
    }
    return {};
  }
  if (template !== null) return { template, ...fewShot };
  if (type !== 'gsm8k') return { ...fewShot };
  findings.warnings.push(
    `${source.path} of ${source.file}: there is no prompt template, so only the question is sent`,
  );
  return { prompt: 'bare' };
}
