import { defineConfig } from 'vitest/config';

/** Of the tests, those of pure code alone: they need no build, and run often (stryker.config.mjs). */
export default defineConfig({
  define: { CHIRALITY_VERSION: '"0.0.0-test"' },
  test: {
    setupFiles: ['test/support/properties.ts'],
    include: ['test/unit/{base,rows,core}/**/*.test.ts'],
    exclude: [
      'test/unit/**/*.slow.test.ts',
      'test/unit/core/citations.test.ts',
      'test/unit/base/readings.test.ts',
    ],
    testTimeout: 120_000,
  },
});
