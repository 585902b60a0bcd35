// NeedleBench v2, texts of up to 128,000 tokens: a needle at every depth, all of them to find, English and Chinese.
import { needlebench } from 'ais-bench';

const { multiRetrieval } = needlebench('128k');

export const needlebench_en_datasets = multiRetrieval('en');
export const needlebench_zh_datasets = multiRetrieval('zh');
