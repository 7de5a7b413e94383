// The licences of the libraries whose code is packed: in the bundles, and beside them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nativePackages } from './natives.mjs';

const text = (name) => readFileSync(new URL(`licences/${name}.txt`, import.meta.url), 'utf8').trim();

/**
 * What packages leave out: FAST and onnxruntime their licence, the latter those of its parts too, libvips those that the
 * table of its README names. `licences/` has them; those of onnxruntime are from onnxruntime's own wheel of the same version.
 */
const MORE = [
  [/^onnxruntime-(?:node|web|common)$/, () => text('onnxruntime')],
  // Once for both builds.
  [/^onnxruntime-web$/, () => text('onnxruntime-notices')],
  // Microsoft's MIT licence, as the toolkit that stands on them has it.
  [/^@microsoft\/fast-/, () => text('fast')],
  [/^@img\/sharp-libvips-/, (folder) => readFileSync(join(folder, 'README.md'), 'utf8').trim()],
  [/^@img\/sharp-libvips-/, () => ['LGPL-3.0', 'GPL-3.0', 'MPL-1.1'].map(text).join('\n\n')],
];

/**
 * The packages of a platform whose code is in the bundles and beside them.
 * @param {string[]} inputs files that went into the bundles
 * @param {{ modules?: string, os?: string, cpu?: string }} [platform] its node_modules folder; this one, if not named
 * @returns {{ folder: string, name: string, version: string, license: string }[]}
 */
export function carried(
  inputs,
  { modules = 'node_modules', os = process.platform, cpu = process.arch } = {},
) {
  const bundled = inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const beside = nativePackages(os, cpu).map((name) => join(modules, name));
  return [...new Set([...bundled, ...beside.filter((folder) => existsSync(folder))])]
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { folder, name, version, license };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param {ReturnType<typeof carried>} packages */
export function notices(packages) {
  const texts = packages.map(({ folder, name, version, license }) => {
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const own = file ? [readFileSync(join(folder, file), 'utf8').trim()] : [];
    const more = MORE.flatMap(([pattern, read]) => (pattern.test(name) ? read(folder) : []));
    if (own.length + more.length === 0)
      throw new Error(`${name} has no licence text: put it into scripts/licences.`);
    return `${name} ${version} (${license})\n\n${[...own, ...more].join('\n\n')}\n`;
  });
  return `Chirality carries these libraries.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
