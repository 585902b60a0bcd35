/** What a reporter is: a pure function from a summary to one file. The same summary gives the same bytes. */
import type { RunEnd, RunInfo } from '../core/run.ts';
import type { ReportFile, Summary } from '../core/summary.ts';

/** Built files that reports are made with; whoever composes the program reads them. */
interface ReportAssets {
  /** The page of web/plot, built to one file. */
  plotTemplate: string;
}

/** `end` is null when the run was killed before its end. */
export type Reporter = (
  summary: Summary,
  run: RunInfo,
  end: RunEnd | null,
  assets: ReportAssets,
) => ReportFile;
