// NeedleBench v2, texts of up to 32,000 tokens: one needle in each, English and Chinese.
import { needlebench } from 'ais-bench';

const { single } = needlebench('32k');

export const needlebench_en_datasets = single('en');
export const needlebench_zh_datasets = single('zh');
