/** The host this process runs on, as records and calibrations name it. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { RunInfo } from '../../core/run.ts';

export function thisHost(): RunInfo['host'] {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
