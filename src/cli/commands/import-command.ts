/** `ais_bench import`: another tool's log as a run folder, which every recalculation then reads like one of ours. */

import { existsSync, rmSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { edgesOf, highestLevel } from '../../analysis/concurrency.ts';
import { definitions } from '../../analysis/definitions.ts';
import { readRequests } from '../../analysis/request-table.ts';
import { packageVersion } from '../../config/files/package-root.ts';
import { DEFAULT_WORK_DIR } from '../../config/run-config.ts';
import { EXIT, type ExitCode, UserError } from '../../core/errors.ts';
import type { RecordBatch } from '../../core/records.ts';
import type { RunEnd, RunInfo } from '../../core/run.ts';
import { nameClashes } from '../../core/text/file-name.ts';
import { batchesOf, type ImportedRun, type Importer } from '../../imports/imported.ts';
import { type ImporterName, importers } from '../../imports/registry.ts';
import { createRunFolder, modelFolder } from '../../store/run-folder.ts';
import { createStore } from '../../store/store.ts';
import type { Host } from '../host/host.ts';
import { parseSubcommand, wholeNumber } from './subcommand.ts';

interface Flags {
  from?: ImporterName;
  workDir: string;
  batchSize?: number;
}

export async function importCommand(host: Host, args: readonly string[]): Promise<ExitCode> {
  const command = importFlags();
  const { help } = parseSubcommand(command, args);
  if (help !== null) {
    host.stdout.write(help);
    return EXIT.ok;
  }
  const flags = command.opts<Flags>();
  const path = resolve(host.cwd, command.args[0]);
  const importer = importerFor(path, flags.from);
  const runs = await importer.read(path);
  checkNames(path, runs);
  const folder = createRunFolder(resolve(host.cwd, flags.workDir), host.date());
  try {
    for (const run of runs) await store(folder, run, importer.title, flags.batchSize ?? run.maxConcurrency);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  for (const run of runs) host.stdout.write(report(run));
  host.stdout.write(
    `Current exp folder: ${folder}\nTables: ais_bench --mode perf_viz --reuse ${basename(folder)}${workDirFlag(flags)}\n`,
  );
  host.stdout.write(
    `With other tools' definitions: ais_bench explain ${basename(folder)}${workDirFlag(flags)}\n`,
  );
  return EXIT.ok;
}

/** One run would take the other's place. */
function checkNames(path: string, runs: readonly ImportedRun[]): void {
  const [clash] = nameClashes(runs).filter(({ onSomeDisks }) => !onSomeDisks);
  if (clash === undefined) return;
  const names = clash.tasks.map(({ modelAbbr, datasetAbbr }) => `${modelAbbr}/${datasetAbbr}`);
  throw new UserError(
    EXIT.usage,
    `Cannot import ${path}: it contains several runs of ${names.join(' and ')}.`,
    {
      hint: 'Name the folder of a single run, or a single details file.',
    },
  );
}

function importerFor(path: string, from: ImporterName | undefined): Importer {
  if (!existsSync(path))
    throw new UserError(EXIT.usage, `Cannot import ${path}: there is no such file or folder.`);
  if (from !== undefined) return importers[from];
  const isFolder = statSync(path).isDirectory();
  const found = Object.values(importers).find((importer) => importer.recognizes(path, isFolder));
  if (found) return found;
  throw new UserError(EXIT.usage, `Cannot import ${path}: its name matches no known tool.`, {
    hint: `Name the tool with --from ${Object.keys(importers).join(' or --from ')}.`,
  });
}

async function store(folder: string, run: ImportedRun, from: string, limit: number | null): Promise<void> {
  const batches = [...batchesOf(run)];
  const info = infoOf(run, from, batches, limit);
  const journal = createStore(modelFolder(folder, run.modelAbbr), info);
  for (const batch of batches) {
    journal.append(batch);
    await journal.drained();
  }
  await journal.end(endOf(batches, info));
  await journal.finalize();
}

/** Without a limit in the source, the highest number of requests in flight stands for it. */
function infoOf(run: ImportedRun, from: string, batches: RecordBatch[], limit: number | null): RunInfo {
  const info: RunInfo = {
    format: 1,
    tool: { name: 'ais-bench', version: packageVersion() },
    host: { node: 'unknown', platform: 'unknown', cpu: 'unknown', cores: 0, memoryBytes: 0 },
    startedAtUnixMs: 0,
    modelAbbr: run.modelAbbr,
    datasetAbbr: run.datasetAbbr,
    protocol: 'unknown',
    stream: true,
    url: '',
    model: run.model,
    batchSize: 1,
    workers: 1,
    schedule: { kind: 'closed', requests: run.rows.length, limit: 1 },
    plannedRequests: run.rows.length,
    samples: run.rows.length,
    seed: 0,
    tokenizer: 'none',
    warmup: { total: 0, ok: 0, failed: 0, reasons: {} },
    imported: { from, unknown: run.unknown },
    config: {},
  };
  const table = readRequests({ info, end: null, batches: () => batches }, definitions.product);
  const batchSize = limit ?? Math.max(1, highestLevel(edgesOf(table)).level);
  const size = { requests: run.rows.length, limit: batchSize };
  return {
    ...info,
    batchSize,
    schedule: run.openLoop ? { kind: 'timestamps', ...size } : { kind: 'closed', ...size },
  };
}

function endOf(batches: readonly RecordBatch[], { batchSize, plannedRequests }: RunInfo): RunEnd {
  const latest = (column: 'sent' | 'end') =>
    batches.reduce((most, batch) => batch[column].reduce((m, ms) => Math.max(m, ms), most), 0);
  return {
    endMs: latest('end'),
    lastIssueMs: latest('sent'),
    issued: plannedRequests ?? 0,
    interrupted: false,
    slotsOpened: batchSize,
    health: [],
  };
}

function report({ modelAbbr, datasetAbbr, rows, unknown }: ImportedRun): string {
  const failed = rows.filter(({ failure }) => failure !== null).length;
  const head = `Imported ${modelAbbr}/${datasetAbbr}: ${rows.length} requests, ${failed} failed. The log does not contain:`;
  return [head, ...unknown.map((line) => `  - ${line}`), ''].join('\n');
}

function workDirFlag({ workDir }: Flags): string {
  return workDir === DEFAULT_WORK_DIR ? '' : ` --work-dir ${workDir}`;
}

function importFlags(): Command {
  return new Command('ais_bench import')
    .description(
      'Turns the log of another tool into a run folder: the result file of `vllm bench serve --save-result --save-detailed`, or a run folder or …_details.jsonl of AISBench. Nothing is written before the whole log has been read.',
    )
    .argument('<path>', 'the log: a file or folder')
    .addOption(
      new Option('--from <tool>', 'the tool that wrote the log (default: recognized by name)').choices(
        Object.keys(importers),
      ),
    )
    .option('-w, --work-dir <dir>', 'folder for the new run folder', DEFAULT_WORK_DIR)
    .option(
      '--batch-size <n>',
      'limit on requests in flight (default: from the log, otherwise the observed maximum)',
      wholeNumber(1, 100_000),
    );
}
