// NeedleBench v2, texts of up to 1,000,000 tokens: one needle, several, and several to put together.
import { needlebench } from 'ais-bench';

export const needlebench_datasets = needlebench('1000k').all();
