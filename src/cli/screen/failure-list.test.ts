import { describe, expect, it } from 'vitest';
import { createFailureGroups } from '../../core/failures/failure-groups.ts';
import { failureTable, wrapped } from './failure-list.ts';

describe('failures on the screen', () => {
  it('are counted by kind, each with the words of the service, the same advice once', () => {
    const groups = createFailureGroups();
    const add = (body: string) => groups.add({ outcome: 'http', status: 500, cause: 'HTTP 500', body });
    for (let i = 0; i < 3; i++) add('{"error":{"message":"out of memory"}}');
    add('no route');
    expect(failureTable(groups, 6).split('\n')).toEqual([
      'Failed Reason (4 of 6 attempts):',
      '  3 × HTTP 500 (internal server error): out of memory',
      '      The service failed. See its log.',
      '  1 × HTTP 500 (internal server error): no route',
    ]);
  });

  it('none is nothing, too many are counted together', () => {
    expect(failureTable(createFailureGroups(), 6)).toBe('');
    expect(failureTable({ list: () => [], others: 3 }, 6)).toContain('  3 × others');
  });

  it('lines of ours fit into 80 columns', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('toolongtofit a b', 4)).toEqual(['toolongtofit', 'a b']);
  });
});
