/** What the flags name must be there, and must be named at all. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunFlags } from './flags/run-flags.ts';
import type { Loading } from './loading.ts';
import { COMMAND_LINE } from './mistakes.ts';

/** Before any file is read. Mistakes go to `loading`. */
export function checkFlags(flags: RunFlags, loading: Loading): void {
  const wrong = (path: string, problem: string) =>
    loading.mistakes.push({ file: COMMAND_LINE, path, problem });
  const { configDir, customDatasetPath, customDatasetMetaPath } = flags;
  const there = (path: string) => resolve(loading.cwd, path);
  if (configDir !== null && !isFolder(there(configDir))) {
    wrong('--config-dir', `expected a folder, got "${configDir}"`);
  }
  if (customDatasetPath !== null && !existsSync(there(customDatasetPath))) {
    wrong(
      '--custom-dataset-path',
      `expected a .jsonl or .csv file, but "${customDatasetPath}" does not exist`,
    );
  }
  if (customDatasetMetaPath !== null && !existsSync(there(customDatasetMetaPath))) {
    wrong(
      '--custom-dataset-meta-path',
      `expected a JSON file, but "${customDatasetMetaPath}" does not exist`,
    );
  }
  if (flags.config === null) checkNothingMissing(flags, loading);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A recalculation that names no tasks takes every recorded one. */
function checkNothingMissing(flags: RunFlags, { willSend, mistakes }: Loading): void {
  const noModels = flags.models.length === 0;
  const noDatasets = flags.datasets.length === 0 && flags.customDatasetPath === null;
  if (!willSend && noModels && noDatasets) return;
  const orNone = willSend ? '' : ', or neither models nor datasets for every recorded task';
  const missing = (path: string, expected: string) =>
    mistakes.push({
      file: COMMAND_LINE,
      path,
      problem: `expected at least one ${expected}${orNone}, got nothing`,
    });
  if (noModels) missing('--models', 'model task, e.g. vllm_api_stream_chat');
  if (noDatasets) {
    missing(
      '--datasets',
      'dataset task, e.g. demo_gsm8k_gen_4_shot_cot_chat_prompt (or --custom-dataset-path)',
    );
  }
}
