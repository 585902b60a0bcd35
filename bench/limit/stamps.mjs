// stamps REQUESTS TOKENS: stamps so many events and records them as a worker does. Prints { stamps, cpu_s }.
import { clearLog, logEvent, newEventLog, wholeUs } from '../../src/load/wire/logs/event-log.ts';
import { newTextLog } from '../../src/load/wire/logs/text-log.ts';
import { createRecorder } from '../../src/load/wire/recorder.ts';
import { nothingSaid } from '../../src/load/wire/said.ts';

const [requests, tokens] = process.argv.slice(2).map(Number);
const OUTPUT = 1;
/** As many rows as a worker sends in one batch. */
const BATCH_ROWS = 512;
const recorder = createRecorder(0);
const log = newEventLog();
const text = newTextLog();
const attempt = {
  ...{ index: 0, turn: 0, attempt: 0, due: 0, sent: 0, firstByte: 1, end: 2, outcome: 0, status: 200 },
  ...{
    log,
    fault: null,
    said: { ...nothingSaid(), inTokens: 1, outTokens: tokens, finish: 'length', id: 'x' },
  },
  ...{ text, reasoning: text },
};
const before = process.cpuUsage();
for (let i = 0; i < requests; i++) {
  const sent = performance.now();
  clearLog(log);
  for (let token = 0; token < tokens; token++) logEvent(log, wholeUs(performance.now() - sent), OUTPUT);
  recorder.append(attempt);
  if (recorder.rows === BATCH_ROWS) recorder.take();
}
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ stamps: requests * tokens, cpu_s: (user + system) / 1e6 })}\n`);
