import { describe, expect, it } from 'vitest';
import type { Host, StopSignal } from '../host/host.ts';
import { createLog } from '../screen/log.ts';
import { listenForInterrupts } from './interrupts.ts';

function world(epochNs: bigint | null = 0n) {
  const ears = new Map<StopSignal, (signal: StopSignal) => void>();
  const told: string[] = [];
  const lines: string[] = [];
  const host = {
    onSignal(signals: readonly StopSignal[], callback: (signal: StopSignal) => void) {
      for (const signal of signals) ears.set(signal, callback);
      return () => signals.forEach((signal) => void ears.delete(signal));
    },
    exit(code: number) {
      told.push(`exit ${code}`);
      throw new Error('the end');
    },
  } as unknown as Host;
  const interrupts = listenForInterrupts(
    host,
    createLog(() => new Date(0), 'INFO', [(line) => lines.push(line)]),
  );
  interrupts.watch({
    stop: (graceMs) => told.push(`stop ${graceMs ?? 'as planned'}`),
    kill: () => told.push('kill'),
    epochNs,
  });
  const send = (...signals: StopSignal[]) => {
    for (const signal of signals) ears.get(signal)?.(signal);
  };
  return { interrupts, told, lines, send };
}

describe('signals', () => {
  it('a first Ctrl-C stops the load as planned and costs nothing, a second leaves at once', () => {
    const { interrupts, told, send } = world();
    send('SIGINT');
    expect({ told, code: interrupts.code, interrupted: interrupts.interrupted }).toEqual({
      told: ['stop as planned'],
      code: 0,
      interrupted: true,
    });
    expect(() => send('SIGINT')).toThrow('the end');
    expect(told.slice(1)).toEqual(['kill', 'exit 130']);
  });

  it.each([
    ['SIGINT', 'stop as planned'],
    ['SIGTERM', 'stop 3000'],
  ] as const)('a load that comes after %s is stopped at once', (signal, stop) => {
    const { interrupts, send } = world();
    send(signal);
    const told: string[] = [];
    interrupts.watch({
      stop: (graceMs) => told.push(`stop ${graceMs ?? 'as planned'}`),
      kill: () => told.push('kill'),
      epochNs: null,
    });
    expect(told).toEqual([stop]);
  });

  it('before time zero there is nothing to wait for', () => {
    const { told, lines, send } = world(null);
    send('SIGINT');
    expect(told).toEqual(['stop as planned']);
    expect(lines.join()).toMatch(/before the measurement began; no measured request was sent\.$/);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s stops the load soon, however often it comes, and is the exit code', (signal, code) => {
    const { interrupts, told, send } = world();
    send(signal, signal, signal);
    expect({ told, code: interrupts.code }).toEqual({ told: ['stop 3000'], code });
  });

  it('the first of SIGTERM and SIGHUP counts, and either hurries a Ctrl-C', () => {
    const { interrupts, told, send } = world();
    send('SIGINT', 'SIGHUP', 'SIGTERM');
    expect({ told, code: interrupts.code }).toEqual({ told: ['stop as planned', 'stop 3000'], code: 129 });
  });

  it('Ctrl-C after SIGTERM leaves at once', () => {
    const { told, send } = world();
    expect(() => send('SIGTERM', 'SIGINT')).toThrow('the end');
    expect(told.slice(1)).toEqual(['kill', 'exit 130']);
  });

  it('is heard while results are written: SIGTERM changes the code only, Ctrl-C is left to the system', () => {
    const { interrupts, told, send } = world();
    interrupts.sendingIsOver();
    send('SIGINT');
    expect(told).toEqual([]);
    send('SIGTERM');
    expect(interrupts.code).toBe(143);
  });
});
