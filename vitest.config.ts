import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Slow tests are named *.slow.test.ts and run with `npm run test:slow`.
const slow = process.env.CHIRALITY_SLOW === '1';

// Outside of VS Code there is no module `vscode`; tests get a stand-in.
const vscode = fileURLToPath(new URL('test/unit/extension/fake-vscode.ts', import.meta.url));

export default defineConfig({
  define: { CHIRALITY_VERSION: '"0.0.0-test"' },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A core is left to what the tests start: pages, runs, workers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What a tier has compiled, the next one takes from there.
    experimental: { fsModuleCache: true },
    // Machines are shared: a page that takes its time is not a wrong one.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        resolve: { alias: { vscode } },
        test: {
          name: 'unit',
          globalSetup: ['test/build.ts'],
          setupFiles: ['test/support/properties.ts'],
          // Its models learn for seconds, which V8's second compiler of WebAssembly is not worth. More room for what is
          // new saves a twentieth of the processor time.
          execArgv: ['--liftoff-only', '--max-semi-space-size=64'],
          include: slow ? ['test/unit/**/*.slow.test.ts'] : ['test/unit/**/*.test.ts'],
          exclude: slow ? [] : ['test/unit/**/*.slow.test.ts'],
        },
      },
      {
        extends: true,
        resolve: { alias: { vscode } },
        test: {
          // In the slow tests, once more in every theme: test/webview/page.ts.
          name: 'webview',
          globalSetup: ['test/build.ts'],
          include: ['test/webview/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'python',
          include: slow ? ['test/python/**/*.slow.test.ts'] : ['test/python/**/*.test.ts'],
          exclude: slow ? [] : ['test/python/**/*.slow.test.ts'],
          globalSetup: ['test/build.ts', 'test/python/setup.ts'],
          // Files share workers (test/python/open.ts); the slow ones change what they find.
          isolate: slow,
          // Each file starts workers, whose imports alone take up to ten seconds of processor time.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: process.env.CHIRALITY_RECORD
            ? ['test/e2e/record-*.ts']
            : [slow ? 'test/e2e/**/*.slow.test.ts' : 'test/e2e/**/*.test.ts'],
          exclude: slow ? [] : ['test/e2e/**/*.slow.test.ts'],
          globalSetup: ['test/e2e/setup.ts', 'test/python/setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
