// One of the sets of LongBench; longbench.ts says what its fields are.
import { defineDatasets } from 'ais-bench';
import { longbenchTasks } from './longbench.ts';

export const datasets = defineDatasets(longbenchTasks(['qmsum']));
