/** The areas of the red team, in the order of its table. */
import type { Area } from './area.ts';
import { damagedFilesArea } from './damaged-files-area.ts';
import { eventSequences } from './event-sequences.ts';
import { hostileAnswers } from './hostile-answers.ts';
import { namesAndPaths } from './names-and-paths.ts';
import { outputsArea } from './outputs.ts';
import { servicesThatFail } from './services-that-fail.ts';
import { userMistakes } from './user-mistakes.ts';

export const areas: readonly Area[] = [
  damagedFilesArea,
  hostileAnswers,
  servicesThatFail,
  namesAndPaths,
  outputsArea,
  userMistakes,
  eventSequences,
];

export { tableOf } from './table.ts';
