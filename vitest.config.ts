import { defineConfig } from 'vitest/config';

// Slow tests are named *.slow.test.ts and run with `npm run test:slow`.
const slow = process.env.CHIRALITY_SLOW === '1';

export default defineConfig({
  define: { CHIRALITY_VERSION: '"0.0.0-test"' },
  test: {
    globalSetup: ['test/build.ts'],
    include: slow ? ['test/unit/**/*.slow.test.ts'] : ['test/unit/**/*.test.ts'],
    exclude: slow ? [] : ['test/unit/**/*.slow.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
