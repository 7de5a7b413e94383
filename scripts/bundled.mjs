// Loads a file in TypeScript, bundled into .cache.
import { build } from 'esbuild';

/** @param {string} file without .ts */
export async function bundled(file) {
  const outfile = `.cache/${file}.mjs`;
  await build({
    entryPoints: [`${file}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });
  return import(new URL(`../${outfile}`, import.meta.url).href);
}
