// NeedleBench v2, texts of up to 128,000 tokens: 2 to 5 needles to put together, English and Chinese.
import { needlebench } from 'ais-bench';

const { multiReasoning } = needlebench('128k');

export const needlebench_2needle_en_datasets = multiReasoning(2, 'en');
export const needlebench_3needle_en_datasets = multiReasoning(3, 'en');
export const needlebench_4needle_en_datasets = multiReasoning(4, 'en');
export const needlebench_5needle_en_datasets = multiReasoning(5, 'en');
export const needlebench_2needle_zh_datasets = multiReasoning(2, 'zh');
export const needlebench_3needle_zh_datasets = multiReasoning(3, 'zh');
export const needlebench_4needle_zh_datasets = multiReasoning(4, 'zh');
export const needlebench_5needle_zh_datasets = multiReasoning(5, 'zh');
