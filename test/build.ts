import { execFileSync } from 'node:child_process';

/** Vitest's global set-up: tests of whole commands run the bundles of `dist/`. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
