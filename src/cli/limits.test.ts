import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { checkLimits } from './limits.ts';

const host = { openFiles: 1024, ephemeralPorts: { from: 32_768, to: 60_999 } };

function refusal(connections: number, limits: Partial<typeof host>) {
  try {
    checkLimits(connections, 'batch_size', { ...host, ...limits });
  } catch (error) {
    if (error instanceof UserError) return `${error.message}\n${error.hint}`;
    throw error;
  }
  return '';
}

describe('checkLimits', () => {
  it('leaves room for the files that are open anyway', () => {
    expect(refusal(896, {})).toBe('');
    expect(refusal(897, {})).toMatch(
      /batch_size: 897 connections[^\n]* 1025 open files[^\n]* 1024\n.*`ulimit -n 1025`/,
    );
  });

  it('names the range of ports and the command that widens it', () => {
    const openFiles = 1e6;
    expect(refusal(28_232, { openFiles })).toBe('');
    expect(refusal(28_233, { openFiles })).toMatch(
      /28233[^\n]* 28232 \(32768 to 60999\)\n.*sysctl -w .*"1024 65535"/,
    );
    expect(refusal(70_000, { openFiles })).toMatch(/share the load between hosts/);
  });

  it('does not check what the host does not tell', () => {
    checkLimits(1e6, 'batch_size', { openFiles: null, ephemeralPorts: null });
  });
});
