import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Slow tests are files named *.slow.test.ts, and parts of others (test/support/slow.ts); `npm run test:slow` runs both.
const slow = process.env.CHIRALITY_SLOW === '1';
const tests = (folder: string) => ({
  include: slow
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((path) => path.endsWith('.test.ts'))
        .filter((path) => path.endsWith('.slow.test.ts') || readFileSync(path, 'utf8').includes('/slow.ts'))
    : [`${folder}/**/*.test.ts`],
  exclude: slow ? [] : ['**/*.slow.test.ts'],
});

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
          ...tests('test/unit'),
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
          exclude: slow ? [] : ['**/*.slow.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'python',
          ...tests('test/python'),
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
          ...tests('test/e2e'),
          ...(process.env.CHIRALITY_RECORD && { include: ['test/e2e/record-*.ts'] }),
          globalSetup: ['test/e2e/setup.ts', 'test/python/setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
