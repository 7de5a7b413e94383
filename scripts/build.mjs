// Bundles the program into dist/. One bundle per process, so that none can load what another one needs.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  define: { CHIRALITY_VERSION: JSON.stringify(version) },
};

await build({
  ...node,
  entryPoints: { cli: 'src/cli/main.ts', 'embedded-engine': 'src/engines/embedded/child.ts' },
  outdir: 'dist',
  format: 'esm',
  // Libraries stay in node_modules: native ones cannot be bundled, and the others load only when a command needs them.
  packages: 'external',
  banner: { js: '#!/usr/bin/env node' },
});
