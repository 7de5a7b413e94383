// Runs one benchmark: `node scripts/bench.mjs encoder` bundles test/bench/encoder.bench.ts and starts it.
import { build } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';

const name = process.argv[2];
const entry = `test/bench/${name}.bench.ts`;
if (!existsSync(entry)) {
  const names = readdirSync('test/bench').filter((file) => file.endsWith('.bench.ts'));
  console.error(`usage: node scripts/bench.mjs NAME, from the project's folder. Benchmarks:`);
  console.error(names.map((file) => `  ${file.replace('.bench.ts', '')}`).join('\n'));
  process.exit(2);
}
const outfile = `.cache/bench/${name}.mjs`;
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});
process.argv.splice(2, 1);
await import(new URL(`../${outfile}`, import.meta.url));
