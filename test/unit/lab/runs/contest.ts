import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** Bundles a program of this folder, so that any version of Node starts it. */
export async function bundle(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  const entryPoints = [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))];
  const banner = {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  };
  await build({
    entryPoints,
    outfile,
    banner,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}

/** Lets five processes contest a folder until they have taken it so many times together. */
export async function contest(folder: string, takeovers: number) {
  const program = await bundle('contestant', folder);
  const each = String(Math.ceil(takeovers / 5));
  const told = await Promise.all(
    Array.from({ length: 5 }, () => promisify(execFile)(process.execPath, [program, folder, each])),
  );
  const seen = told.map(({ stdout }) => JSON.parse(stdout) as Record<'takeovers' | 'doubles', number>);
  const sum = (name: 'takeovers' | 'doubles') => seen.reduce((total, one) => total + one[name], 0);
  return { takeovers: sum('takeovers'), doubles: sum('doubles') };
}
