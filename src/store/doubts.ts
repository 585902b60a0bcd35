/** What makes one ask whether records are those of their task, as they were written: no checksum can tell. */
import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RunInfo } from '../core/run.ts';
import { ENDING, fileStem, stemOfVersion010 } from '../core/text/file-name.ts';
import type { TaskFiles } from './run-folder.ts';
import type { Seal } from './seal.ts';

/** `seal` is null for an h5 without one; left out for a journal. */
export function doubtsOf(files: TaskFiles, info: RunInfo, seal?: Seal | null): string[] {
  const { modelAbbr, datasetAbbr } = info;
  const doubts: string[] = [];
  const model = basename(dirname(files.h5));
  const dataset = basename(files.h5).slice(0, -ENDING.h5.length);
  if (!isNamed(model, modelAbbr) || !isNamed(dataset, datasetAbbr)) {
    doubts.push(
      `The records in ${files.folder} were made for ${JSON.stringify(`${modelAbbr}/${datasetAbbr}`)}, not for ${model}/${dataset}: files were renamed or mixed up.`,
    );
  }
  if (seal === null) {
    doubts.push(`${files.h5} has no checksum, like all files of version 0.1.0, so damage may go unnoticed.`);
  }
  const jsonl = statSync(files.jsonl, { throwIfNoEntry: false });
  if (seal && seal.jsonlBytes !== null && jsonl && jsonl.size !== seal.jsonlBytes) {
    doubts.push(
      `${files.jsonl} does not belong to ${basename(files.h5)}: one of them was changed or is from another run.`,
    );
  }
  return doubts;
}

/** Records of version 0.1.0 kept its names. */
function isNamed(stem: string, abbr: string): boolean {
  return stem === fileStem(abbr) || stem === stemOfVersion010(abbr);
}
