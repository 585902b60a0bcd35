/** Flags and modes of the Python original that this product does not have, and what to tell who uses them. */

const ACCURACY = 'accuracy evaluation is not part of this product';

/** Modes of the original other than `perf` and `perf_viz`. */
export const accuracyModes = ['all', 'infer', 'eval', 'viz', 'judge', 'infer_judge'] as const;

export const accuracyModeText = `${ACCURACY}; expected "perf" (send and summarize) or "perf_viz" (summarize a recorded run)`;

/** Commander's notation of each flag, so that its values are not taken for something else. */
export const flagsNotOurs: Record<string, string> = {
  '--max-workers-per-gpu <n>': 'this tool runs nothing on a GPU; --workers sets the number of threads',
  '--dump-eval-details': ACCURACY,
  '--dump-extract-rate': ACCURACY,
  '--response-anomaly': ACCURACY,
  '--no-response-anomaly': ACCURACY,
  '--response-anomaly-payload-retention [value]': ACCURACY,
};
