// The recording of a stamp alone: a clock read, the gap, the columns; no socket, no parsing.
import { programs } from '../build.mjs';
import { runClient } from '../processes.mjs';

export function stamps({ quick, sized }) {
  return {
    name: 'stamps',
    want: quick ? 1 : 3,
    async run() {
      const requests = String(sized(100_000));
      const { stamps: count, cpu_s } = await runClient([process.execPath, programs.stamps, requests, '200']);
      return { stamps_per_cpu_s: count / cpu_s };
    },
  };
}
