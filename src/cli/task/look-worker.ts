/** Entry of the thread of one look of a run until precise: reads what the journal holds so far, answers once. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { seenSoFar } from '../../analysis/steady/until-precise.ts';
import { readJournal } from '../../store/read-journal.ts';
import type { LookData } from './precision-checks.ts';

// On Linux a priority belongs to a thread, elsewhere to the process: where it can, the look yields to the senders.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);

const { journal, nowMs } = workerData as LookData;
parentPort!.postMessage(seenSoFar(readJournal(journal), nowMs));
