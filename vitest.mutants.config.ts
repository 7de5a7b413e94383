import { defineConfig } from 'vitest/config';

/** Of the tests, those of core alone: they need no build, and run often (stryker.config.mjs). */
export default defineConfig({
  define: { CHIRALITY_VERSION: '"0.0.0-test"' },
  test: {
    setupFiles: ['test/support/properties.ts'],
    include: ['test/unit/core/**/*.test.ts'],
    exclude: ['test/unit/**/*.slow.test.ts', 'test/unit/core/{citations,readings}.test.ts'],
    testTimeout: 120_000,
  },
});
