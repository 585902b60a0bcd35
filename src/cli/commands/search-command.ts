/** `--search`: prints where the task configs are. Nothing is loaded, sent or written. */

import { searchHeadings, searchTable } from '../../config/files/search-configs.ts';
import type { RunFlags } from '../../config/flags/run-flags.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { fancyGrid } from '../../reporters/fancy-grid.ts';
import type { Host } from '../host/host.ts';
import { createLog, screenSink } from '../screen/log.ts';

export function searchCommand(host: Host, flags: RunFlags): ExitCode {
  const log = createLog(host.date, 'INFO', [screenSink(host)]);
  log.info('Searching configs...');
  const { rows, warnings } = searchTable(flags, host);
  for (const warning of warnings) log.warn(warning);
  const cells = rows.map(({ taskType, name, path }) => [taskType, name, path]);
  host.stdout.write(`${fancyGrid([...searchHeadings], cells)}\n`);
  return EXIT.ok;
}
