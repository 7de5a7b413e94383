// What the program loads at run time instead of carrying it in its bundles: libraries with native parts.
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Which files of which packages a platform needs. Packages that do not exist for it are left out: without
 * onnxruntime-node the WebAssembly build does its work; without sharp, what needs it says so.
 * @param {string} os as in `process.platform`
 * @param {string} cpu as in `process.arch`
 * @returns {Record<string, string[]>}
 */
const files = (os, cpu) => ({
  'onnxruntime-node': ['dist', `bin/napi-v6/${os}/${cpu}`],
  'onnxruntime-common': ['dist/cjs', 'dist/esm'],
  sharp: ['dist'],
  'detect-libc': ['lib'],
  semver: ['index.js', 'classes', 'functions', 'internal', 'ranges'],
  '@img/colour': ['index.cjs', 'color.cjs'],
  [`@img/sharp-${os}-${cpu}`]: ['index.cjs', 'lib'],
  [`@img/sharp-libvips-${os}-${cpu}`]: ['lib', 'versions.json'],
});

/**
 * The packages of a platform by name.
 * @param {string} os
 * @param {string} cpu
 */
export const nativePackages = (os, cpu) => Object.keys(files(os, cpu));

/** Not needed to run; and the copy of a library whose binding asks for its other name. */
const UNUSED = /\.(map|d\.[cm]?ts)$|libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;

/**
 * Copies them, trimmed.
 * @param {string} from a node_modules folder
 * @param {string} to the new node_modules folder
 * @param {string} os
 * @param {string} cpu
 */
export function copyNatives(from, to, os, cpu) {
  for (const [name, paths] of Object.entries(files(os, cpu))) {
    if (!paths.every((path) => existsSync(join(from, name, path)))) continue;
    for (const path of ['package.json', 'LICENSE', 'LICENSE.md', ...paths]) {
      const source = join(from, name, path);
      if (!existsSync(source)) continue;
      cpSync(source, join(to, name, path), { recursive: true, filter: (file) => !UNUSED.test(file) });
    }
  }
}
