import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** From 0 to 1; vitest.config.ts says when. */
    shareOfCases: number;
  }
}

/** How many cases of `all` a test that draws its cases tries in this run: all of them in `npm test`, fewer in a quick check. */
export const cases = (all: number): number => Math.ceil(all * inject('shareOfCases'));
