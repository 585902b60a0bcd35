/** `_warmup_details.jsonl`: one JSON object for each request of the warm-up that failed; no file when none did. */

import { closeSync, writeFileSync } from 'node:fs';
import { failureLine, failureWords } from '../core/failures/failure-words.ts';
import type { FailedWarmup, RunInfo } from '../core/run.ts';
import { ENDING } from '../core/text/file-name.ts';
import { quietJson } from '../core/text/outside-text.ts';
import { orWriteError } from './details-writer.ts';
import { createFile } from './own-files.ts';
import { taskFiles } from './run-folder.ts';

/** Writes the file into a model's results folder and returns its path; null without failures. */
export function writeWarmupDetails(
  folder: string,
  { datasetAbbr, samples }: RunInfo,
  failures: readonly FailedWarmup[],
): string | null {
  if (failures.length === 0) return null;
  const file = taskFiles(folder, datasetAbbr).path(ENDING.warmups);
  const lines = failures.map((failed) => {
    const { index, attempt, outcome, status, errorBody, contentType, contentEncoding, location } = failed;
    return {
      data_abbr: datasetAbbr,
      id: index % Math.max(1, samples),
      success: false,
      error_info: failureLine(failureWords({ ...failed, body: errorBody })),
      index,
      attempt,
      outcome,
      status,
      error_body: errorBody,
      content_type: contentType,
      content_encoding: contentEncoding,
      location,
      retry_after_s: failed.retryAfterS,
      sent_ms: failed.sentMs,
      end_ms: failed.endMs,
    };
  });
  orWriteError(
    file,
    (error) => (error as Error).message,
    () => {
      const fd = createFile(file);
      writeFileSync(fd, lines.map((line) => `${quietJson(JSON.stringify(line))}\n`).join(''));
      closeSync(fd);
    },
  );
  return file;
}
