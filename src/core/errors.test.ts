import { expect, it } from 'vitest';
import { EXIT, worstExit } from './errors.ts';

it('the exit code of several tasks does not depend on their order', () => {
  expect(worstExit([])).toBe(0);
  expect(worstExit([EXIT.ok, EXIT.failed, EXIT.ok])).toBe(1);
  expect(worstExit([EXIT.undecided, EXIT.failed])).toBe(1);
  expect(worstExit([EXIT.failed, EXIT.undecided])).toBe(1);
  expect(worstExit([EXIT.failed, EXIT.terminated, EXIT.ok])).toBe(143);
  expect(worstExit([EXIT.hungUp, EXIT.failed])).toBe(129);
});
