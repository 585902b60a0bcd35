import { describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { checkLanes, checkLimits } from './limits.ts';

const host = { openFiles: 1024, ephemeralPorts: { from: 32_768, to: 60_999 } };

const refusal = (connections: number, limits: Partial<typeof host>) =>
  messageOf(() => checkLimits(connections, 'batch_size', { ...host, ...limits }));

function messageOf(check: () => void) {
  try {
    check();
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
      /batch_size: 897 simultaneous connections[^\n]* 1025 open files[^\n]* 1024\.\n.*`ulimit -n 1025`/,
    );
  });

  it('names the range of ports and the command that widens it', () => {
    const openFiles = 1e6;
    expect(refusal(28_232, { openFiles })).toBe('');
    expect(refusal(28_233, { openFiles })).toMatch(
      /28233[^\n]* 28232 \(32768 to 60999\)\.\n.*sysctl -w .*"1024 65535"/,
    );
    expect(refusal(70_000, { openFiles })).toMatch(/distribute the load over several machines/);
  });

  it('does not check what the host does not tell', () => {
    checkLimits(1e6, 'batch_size', { openFiles: null, ephemeralPorts: null });
  });
});

describe('checkLanes', () => {
  const task = (connections: number, address = 'a:1') => ({ connections, address });
  const together = (tasks: ReturnType<typeof task>[], lanes: number, limits: Partial<typeof host> = {}) =>
    messageOf(() => checkLanes(tasks, lanes, { ...host, ...limits }));

  it('adds up the largest tasks that may run side by side', () => {
    const tasks = [task(400), task(100), task(496)];
    expect(together(tasks, 1)).toBe('');
    expect(together(tasks, 2)).toBe('');
    expect(together([...tasks, task(401)], 2)).toMatch(
      /^--max-num-workers 2: 897 simultaneous connections[^\n]* 1025 open files[^\n]* 1024\.\n.*or lower --max-num-workers 2/,
    );
    expect(together(tasks, 3)).toMatch(/^--max-num-workers 3: 996 simultaneous connections/);
  });

  it('counts local ports per address', () => {
    const openFiles = 1e6;
    expect(together([task(20_000), task(20_000, 'b:1')], 2, { openFiles })).toBe('');
    expect(together([task(20_000), task(20_000)], 2, { openFiles })).toMatch(/40000[^\n]* local ports/);
  });
});
