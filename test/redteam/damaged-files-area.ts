import type { Area } from './area.ts';
import { damagedFiles } from './damaged-files.ts';

const DAMAGES = 1_020;

export const damagedFilesArea: Area = {
  name: 'damaged files',
  about:
    'run folders, journals and logs of other tools with bits flipped, parts cut, doubled or exchanged: read as written or refused, never without end, never changed without a word',
  async run({ share, seed }) {
    const { tried, survived, failures } = await damagedFiles(Math.round(DAMAGES * share), seed);
    return { tried, survived, failures };
  },
};
