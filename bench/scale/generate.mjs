// Writes the run folder of a run that never took place: R requests of T output tokens in a closed loop of C slots,
// through the product's own store. Gaps are lognormal and drawn once; each request takes another stretch of them.
//
//   generate --work-dir DIR --requests R --tokens T [--slots C] [--form h5|journal]
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/core/random.ts';
import { emptyBatch, KIND, OUTCOME } from '../../src/core/records.ts';
import { modelFolder, createRunFolder } from '../../src/store/run-folder.ts';
import { createStore } from '../../src/store/store.ts';

const EVENTS_PER_BATCH = 1_000_000;
const POOL = 1 << 20;
const MEDIAN_GAP_US = 20_000;
const GAP_SIGMA = 0.35;
const MEDIAN_TTFT_US = 180_000;
const TTFT_SIGMA = 0.6;
const PROMPT_TOKENS = 4096;
