/** `--spec-decode`: reads the draft counters of every service around the measured requests, and reports them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { draftFigures, readDraftCounters } from '../../analysis/spec-decode-figures.ts';
import { redactText } from '../../config/redact.ts';
import type { Target } from '../../core/protocol.ts';
import type { DraftCounters, SpecDecodeReading } from '../../core/spec-decode.ts';
import {
  readSpecDecodeFile,
  renderSpecDecode,
  serviceAt,
  specDecodeFile,
} from '../../reporters/spec-decode-table.ts';
import { makeFolder, readWhole } from '../../store/own-files.ts';
import type { Host } from '../host/host.ts';
import { writeWhole } from '../host/write-whole.ts';
import type { Log } from '../screen/log.ts';
import { addressOf, askService } from './ask-service.ts';

export interface SpecDecodeWatch {
  /**
   * A task's warm-up is over: reads the counters before its first request. The answer reads them again, when its
   * last one is over. Never fails. Tasks that load one service at the same time share one pair of readings.
   */
  open(target: Target): Promise<() => Promise<void>>;
  /** What was read of every service, in the order of its first task. */
  readings(): SpecDecodeReading[];
}

interface Watched {
  target: Target;
  /** Tasks that load it now. */
  loading: number;
  before: Promise<Scrape> | null;
  parts: { before: Scrape; after: Scrape }[];
}

type Scrape = { counters: DraftCounters } | { problem: string };

export function watchSpecDecode(): SpecDecodeWatch {
  const services = new Map<string, Watched>();

  function watched(target: Target): Watched {
    const known = services.get(target.url);
    if (known) return known;
    const added: Watched = { target, loading: 0, before: null, parts: [] };
    services.set(target.url, added);
    return added;
  }

  async function close(service: Watched): Promise<void> {
    service.loading--;
    if (service.loading > 0 || service.before === null) return;
    const before = await service.before;
    service.before = null;
    service.parts.push({ before, after: await scrape(service.target) });
  }

  return {
    async open(target) {
      const service = watched(target);
      service.loading++;
      service.before ??= scrape(target);
      await service.before;
      return () => close(service);
    },
    readings: () => [...services.values()].map(readingOf),
  };
}

async function scrape(target: Target): Promise<Scrape> {
  try {
    const { status, body } = await askService(addressOf('metrics', target.url), target, 'text/plain');
    if (status !== 200) return { problem: `it answered HTTP ${status}` };
    const counters = readDraftCounters(body);
    return counters ? { counters } : { problem: 'it reports no metrics of speculative decoding' };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function readingOf({ target, parts }: Watched): SpecDecodeReading {
  const url = addressOf('metrics', target.url);
  const scrapes = parts.flatMap(({ before, after }) => [before, after]);
  const failed = scrapes.find((s) => 'problem' in s);
  const whole = parts.flatMap(({ before, after }) =>
    'counters' in before && 'counters' in after ? [{ before: before.counters, after: after.counters }] : [],
  );
  const read = parts.length === 0 ? { problem: 'the run ended too early' } : (failed ?? draftFigures(whole));
  return {
    url: redactText(url.href),
    service: serviceAt(url),
    figures: 'figures' in read ? read.figures : null,
    problem: 'problem' in read ? read.problem : null,
    parts: parts.map(({ before, after }) => ({ before: countersOf(before), after: countersOf(after) })),
  };
}

const countersOf = (scrape: Scrape) => ('counters' in scrape ? scrape.counters : null);

/** Prints a table for each service and writes the original's files into the run's `performances`. */
export function reportSpecDecode(host: Host, runFolder: string, watch: SpecDecodeWatch, log: Log): void {
  const folder = makeFolder(runFolder, 'performances');
  const taken = new Set<string>();
  for (const reading of watch.readings()) {
    const { fileName, content } = specDecodeFile(reading, taken);
    taken.add(fileName);
    writeWhole(join(folder, fileName), content);
    print(host, reading, join(folder, fileName), log);
  }
}

/** The same tables again, from the files of a recorded run. */
export function recallSpecDecode(host: Host, runFolder: string, log: Log): void {
  const folder = join(runFolder, 'performances');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => FILE.test(name)) : [];
  for (const name of names.sort()) {
    const reading = readSpecDecodeFile(readWhole(join(folder, name)).toString('utf8'));
    if (reading) print(host, reading, join(folder, name), log);
    else log.warn(`${join(folder, name)} is not a record of speculative decoding`);
  }
}

const FILE = /^spec_decode_.*\.json$/;

function print(
  host: Host,
  { service, url, figures, problem }: Omit<SpecDecodeReading, 'parts'>,
  file: string,
  log: Log,
): void {
  if (figures) host.stdout.write(`${renderSpecDecode(service, figures)}\n`);
  else log.warn(`--spec-decode: nothing to report for ${url}: ${problem}`);
  log.info(`Speculative decoding: ${file}`);
}
