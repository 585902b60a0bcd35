import { firstDifference } from '../../src/load/wire/scan-or-parse.fixture.ts';
import { type ProtocolName, protocols } from '../../src/protocols/registry.ts';
import type { Area, Findings } from './area.ts';

/** Of each dialect. */
const SEQUENCES = 800;

export const eventSequences: Area = {
  name: 'event sequences',
  about:
    'random events of every dialect, valid or not, however they are cut into reads: scanning them records what parsing each of them records',
  async run({ share, seed }) {
    const findings: Findings = { tried: 0, survived: 0, failures: [] };
    for (const name of Object.keys(protocols) as ProtocolName[]) {
      for (let i = 0; i < SEQUENCES * share; i++) {
        const difference = firstDifference(name, seed + i);
        findings.tried++;
        if (difference === null) findings.survived++;
        else findings.failures.push(`${name}, seed ${seed + i}: ${difference}`);
      }
    }
    return findings;
  },
};
