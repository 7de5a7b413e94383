// Builds the npm package of rows (src/rows/README.md) in dist/rows: one module without dependencies, and its types.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const out = 'dist/rows';
rmSync(out, { recursive: true, force: true });
await build({
  bundle: true,
  platform: 'neutral',
  target: 'es2022',
  format: 'esm',
  logLevel: 'warning',
  entryPoints: { index: 'src/rows/index.ts' },
  outdir: out,
});
execFileSync(process.execPath, ['node_modules/typescript-7/bin/tsc', '-b', 'src/rows'], { stdio: 'inherit' });
const types = '.cache/types/src';
for (const zone of ['base', 'rows'])
  for (const name of readdirSync(join(types, zone), { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const to = join(out, 'types', zone, name);
    mkdirSync(dirname(to), { recursive: true });
    // A program that lacks the sources finds types by the names of modules.
    writeFileSync(
      to,
      readFileSync(join(types, zone, name), 'utf8').replace(/(from '\.[^']*)\.ts'/g, "$1.js'"),
    );
  }
for (const file of ['LICENSE', 'src/rows/README.md']) cpSync(file, join(out, file.replace(/.*\//, '')));
const { version, license, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const manifest = {
  name: 'chirality-rows',
  version,
  description: 'Mirror, rotate and rephrase rows of spatial questions: right or deferred, never wrong.',
  license,
  repository,
  type: 'module',
  exports: { '.': { types: './types/rows/index.d.ts', default: './index.js' } },
};
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
