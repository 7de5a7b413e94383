import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUFFIX = '.run.yaml';

/** The `presets/` folder of the package, found upwards from this file: it is bundled when installed, nested in source. */
function presetFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, 'presets')) && existsSync(join(at, 'package.json'))) return join(at, 'presets');
    if (dirname(at) === at) throw new Error('The presets folder of the installation is missing.');
  }
}

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
