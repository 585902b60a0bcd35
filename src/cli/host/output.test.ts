import { EventEmitter } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardOutputs } from './output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Stream = Parameters<typeof guardOutputs>[0];

/** As Node's stream of a file. */
const fileStream = (fd: number) => Object.assign(new EventEmitter(), { fd }) as unknown as Stream;

/** As a pipe or a terminal, whose errors come as events. */
function pipeStream() {
  const written: string[] = [];
  const stream = Object.assign(new Socket(), { write: (text: string) => written.push(text) });
  const fail = (error: Error) => void stream.emit('error', error);
  return { stream: stream as unknown as Stream, written, fail };
}

describe('an output that is lost', () => {
  it.each(['EPIPE', 'EIO', 'ENOSPC', 'EAGAIN'])('by %s is told once, and takes nothing more', (code) => {
    const out = pipeStream();
    const err = pipeStream();
    const outputs = guardOutputs(out.stream, err.stream);
    outputs.stdout.write('a');
    expect(outputs.lost).toBe(false);
    for (let i = 0; i < 3; i++) out.fail(Object.assign(new Error(), { code }));
    outputs.stdout.write('b');
    expect(out.written).toEqual(['a']);
    expect(err.written.join('')).toContain(`cannot be written (${code})`);
    expect(err.written).toHaveLength(1);
    expect(outputs.lost).toBe(true);
  });

  it('may be standard error, of which nobody is left to tell', () => {
    const out = pipeStream();
    const err = pipeStream();
    const outputs = guardOutputs(out.stream, err.stream);
    err.fail(new Error('gone'));
    outputs.stderr.write('b');
    expect({ out: out.written, err: err.written, lost: outputs.lost }).toEqual({
      out: [],
      err: [],
      lost: true,
    });
  });

  it('may be a full device', () => {
    const err = pipeStream();
    const fd = openSync('/dev/full', 'w');
    const { stdout } = guardOutputs(fileStream(fd), err.stream);
    stdout.write('a');
    stdout.write('b');
    closeSync(fd);
    expect(err.written).toHaveLength(1);
    expect(err.written[0]).toContain('ENOSPC');
  });
});

it('a file gets the whole text', () => {
  const fd = openSync(join(folder, 'out'), 'w');
  const { stdout } = guardOutputs(fileStream(fd), pipeStream().stream);
  const text = 'ä'.repeat(300_000);
  stdout.write(text);
  closeSync(fd);
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(text);
});
