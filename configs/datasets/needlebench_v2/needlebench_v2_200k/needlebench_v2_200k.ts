// NeedleBench v2, texts of up to 200,000 tokens: one needle, several, and several to put together.
import { needlebench } from 'ais-bench';

export const needlebench_datasets = needlebench('200k').all();
