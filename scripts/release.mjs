// Everything that a release hands out, in dist/release: the extension for each platform that is named, or for all, the
// command-line program, the library of rows, what each carries (CycloneDX), and the checksums of all of them
// (`sha256sum -c SHA256SUMS`).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputs } from './build.mjs';
import { carried } from './notices.mjs';
import { sbom } from './sbom.mjs';
import { npm } from './tools.mjs';

/** The platforms that onnxruntime has a native library for. */
const TARGETS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

const { version, dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const out = 'dist/release';
rmSync(out, { recursive: true, force: true });
mkdirSync(out);

npm('.', ['pack', '--ignore-scripts', '--pack-destination', out]);
execFileSync(process.execPath, ['scripts/rows.mjs'], { stdio: 'inherit' });
npm('dist/rows', ['pack', '--pack-destination', join('../..', out)]);
const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const installed = Object.keys({ ...dependencies, ...optionalDependencies });
const parts = [
  ...carried(inputs('cli', 'engine', 'wasm')).map((one) => `${one.name}@${one.version}`),
  ...installed.map((name) => `${name}@${locked[`node_modules/${name}`].version}`),
];
writeFileSync(join(out, `chirality-${version}.cdx.json`), sbom(parts));

const here = `${process.platform}-${process.arch}`;
for (const target of process.argv.length > 2 ? process.argv.slice(2) : TARGETS) {
  execFileSync(process.execPath, ['scripts/package.mjs', '--target', target], { stdio: 'inherit' });
  const made = target === here ? 'dist/chirality' : `dist/chirality-${target}`;
  for (const end of ['vsix', 'cdx.json'])
    renameSync(`${made}.${end}`, join(out, `chirality-${target}-${version}.${end}`));
}

const sum = (name) =>
  createHash('sha256')
    .update(readFileSync(join(out, name)))
    .digest('hex');
const sums = readdirSync(out).map((name) => `${sum(name)}  ${name}\n`);
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
