// NeedleBench v2, texts of up to 8,000 tokens: one needle, several, and several to put together.
import { needlebench } from 'ais-bench';

export const needlebench_datasets = needlebench('8k').all();
