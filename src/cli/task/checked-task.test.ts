import { describe, expect, it } from 'vitest';
import { createTaskCheck } from './checked-task.ts';
import type { PreparedTask } from './prepare-task.ts';

/** A task of which only the bodies count. */
function taskOf(name: string, bytes: number): PreparedTask {
  const plan = {
    bodies: { count: 1, bytes: new SharedArrayBuffer(bytes), offsets: new SharedArrayBuffer(16) },
    schedule: { kind: 'closed', requests: 1, limit: 1 },
    target: { url: 'http://127.0.0.1:8000/' },
  };
  return { name, workers: 1, connections: 1, info: {}, plan } as unknown as PreparedTask;
}

describe('tasks that wait for their turn', () => {
  it('are kept up to a sum of bytes, and prepared again beyond it', async () => {
    const check = createTaskCheck(100);
    const [small, large, other] = [taskOf('small', 60), taskOf('large', 60), taskOf('other', 40)];
    const again: string[] = [];
    const checked = [small, large, other].map((task) =>
      check(task, async () => {
        again.push(task.name);
        return taskOf(task.name, 60);
      }),
    );
    expect(await checked[0].take()).toBe(small);
    expect(await checked[1].take()).not.toBe(large);
    expect(await checked[2].take()).toBe(other);
    expect(again).toEqual(['large']);
  });

  it('make room for others once they were handed out', async () => {
    const check = createTaskCheck(100);
    const never = () => Promise.reject(new Error('prepared again'));
    await check(taskOf('first', 80), never).take();
    const second = taskOf('second', 80);
    expect(await check(second, never).take()).toBe(second);
  });

  it('say who they are without their data', () => {
    const { name, address, schedule } = createTaskCheck(0)(taskOf('one', 1), async () => taskOf('one', 1));
    expect({ name, address, schedule }).toEqual({
      name: 'one',
      address: '127.0.0.1:8000',
      schedule: { kind: 'closed', requests: 1, limit: 1 },
    });
  });
});
