// Runs one benchmark: `node scripts/bench.mjs encoder` bundles test/bench/encoder.bench.ts and starts it.
import { existsSync, readdirSync } from 'node:fs';
import { bundled } from './bundled.mjs';

const name = process.argv[2];
const entry = `test/bench/${name}.bench.ts`;
if (!existsSync(entry)) {
  const names = readdirSync('test/bench').filter((file) => file.endsWith('.bench.ts'));
  console.error(`usage: node scripts/bench.mjs NAME, from the project's folder. Benchmarks:`);
  console.error(names.map((file) => `  ${file.replace('.bench.ts', '')}`).join('\n'));
  process.exit(2);
}
process.argv.splice(2, 1);
await bundled(`test/bench/${name}.bench`);
