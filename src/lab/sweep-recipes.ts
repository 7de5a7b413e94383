import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './files/package-folder.ts';

const SUFFIX = '.sweep.yaml';

export interface SweepRecipe {
  name: string;
  /** Its first comment line. */
  about: string;
}

/** The experiments that come with the program. */
export function listSweepRecipes(): SweepRecipe[] {
  return readdirSync(packageFolder('library/sweeps'))
    .filter((file) => file.endsWith(SUFFIX))
    .sort()
    .map((file) => {
      const name = file.slice(0, -SUFFIX.length);
      const text = readSweepRecipe(name)!;
      return { name, about: text.split('\n')[0]!.replace(/^#\s*/, '') };
    });
}

/** The text of a recipe; null when there is none of that name. */
export function readSweepRecipe(name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null;
  const path = join(packageFolder('library/sweeps'), `${name}${SUFFIX}`);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
