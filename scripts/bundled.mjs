// Loads a script in TypeScript, bundled into .cache.
import { build } from 'esbuild';

/** @param {string} name its file in scripts, without .ts */
export async function bundled(name) {
  const outfile = `.cache/${name}.mjs`;
  await build({
    entryPoints: [`scripts/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(new URL(`../${outfile}`, import.meta.url).href);
}
