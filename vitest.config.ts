import { configDefaults, defineConfig } from 'vitest/config';

/** `npm test` proves with all cases; `npm run check` and single files with a part of them, in a fraction of the time. */
const shareOfCases = process.env.AIS_BENCH_TEST_CASES === 'all' ? 1 : 0.2;

/** Files that hold figures against the service's own record: nothing else of ours may want the processor meanwhile. */
const ALONE = ['ground-truth', 'steady-truth', 'oracles', 'scale'].map((name) => `test/e2e/${name}.test.ts`);

/** Long enough for a machine on which other programs run: who waits longer waits for ever. */
const patience = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 60_000, interval: 20 } },
};

// unit: pure and fast, no network, no sleeping. e2e and browser drive the built command (npm run build first).
export default defineConfig({
  test: {
    provide: { shareOfCases },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'web/**/*.test.ts',
            'tools/**/*.test.ts',
            'bench/**/*.test.mjs',
            'test/contract/**/*.test.ts',
            'test/docs/**/*.test.ts',
            'test/architecture.test.ts',
          ],
          setupFiles: ['test/unit-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Loading every module anew for each file takes longer than all tests.
          pool: 'threads',
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
          ...patience,
          // These wait much more than they compute.
          maxWorkers: 4,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: ALONE,
          ...patience,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...patience,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
