import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './files/package-folder.ts';

const SUFFIX = '.run.yaml';

const presetFolder = (): string => packageFolder('presets');

/** Names of all presets with their first comment line. */
export function listPresets(): { name: string; about: string }[] {
  return readdirSync(presetFolder())
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => {
      const name = file.slice(0, -SUFFIX.length);
      return { name, about: readPreset(name)!.split('\n')[0]!.replace(/^#\s*/, '') };
    });
}

/** A preset's text; null when there is none of that name. */
export function readPreset(name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null;
  const path = join(presetFolder(), `${name}${SUFFIX}`);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
