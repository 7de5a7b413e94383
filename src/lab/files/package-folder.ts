import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder of the package, found upwards from this file: it is bundled when installed, nested in source. */
export function packageFolder(name: string): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, name)) && existsSync(join(at, 'package.json'))) return join(at, name);
    if (dirname(at) === at) throw new Error(`The ${name} folder of the installation is missing.`);
  }
}
