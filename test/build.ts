import { execFileSync } from 'node:child_process';

/** Vitest's global set-up: tests of whole commands run the bundles of `dist/`, which `npm test` has built. */
export default function setup(): void {
  if (process.env.CHIRALITY_BUILT) return;
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
