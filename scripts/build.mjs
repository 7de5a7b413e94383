// Bundles the program into dist/.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { bundles } from './bundles.mjs';
import { cardPage } from './card.mjs';
import { carried, notices } from './notices.mjs';

mkdirSync('dist', { recursive: true });
const built = await Promise.all(
  Object.entries(bundles).map(async ([name, bundle]) => {
    const { metafile, outputFiles } = await build({ ...bundle, metafile: true });
    if (name === 'card') writeFileSync('dist/pair-card.html', cardPage(outputFiles));
    return { name, ...metafile };
  }),
);

// A rule of ESLint looks for circles once for every import, which took half a minute; types alone make none.
const imports = new Map();
for (const { inputs } of built)
  for (const [path, input] of Object.entries(inputs))
    imports.set(path, [...(imports.get(path) ?? []), ...input.imports.map((one) => one.path)]);
const checked = new Set();
function refuseCircles(path, way) {
  if (way.includes(path))
    throw new Error(`Files import each other: ${[...way.slice(way.indexOf(path)), path].join(' → ')}`);
  if (checked.has(path) || path.includes('node_modules/')) return;
  for (const next of imports.get(path) ?? []) refuseCircles(next, [...way, path]);
  checked.add(path);
}
for (const path of imports.keys()) refuseCircles(path, []);

/** The files that went into the bundles of these names, or of all. */
export const inputs = (...names) =>
  built
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .flatMap((bundle) => Object.keys(bundle.inputs));

writeFileSync('dist/ThirdPartyNotices.txt', notices(carried(inputs())));
// The parts of the command line have names by content: those of earlier builds go.
const made = new Set(built.flatMap(({ outputs }) => Object.keys(outputs)));
for (const name of readdirSync('dist').filter((name) => name.startsWith('cli-')))
  if (!made.has(`dist/${name}`)) rmSync(`dist/${name}`);
for (const name of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'])
  cpSync(`node_modules/onnxruntime-web/dist/${name}`, `dist/onnxruntime-web/${name}`);
// The torch engine's Python lies beside the program that starts it.
cpSync('src/engines/torch/worker', 'dist/torch-worker', {
  recursive: true,
  filter: (path) => !path.includes('__pycache__'),
});
// For the YAML extension, which reads schemas from files.
for (const [kind, command] of [
  ['run', ['presets']],
  ['sweep', ['sweep', 'recipes']],
])
  writeFileSync(
    `dist/${kind}.schema.json`,
    execFileSync(process.execPath, ['dist/cli.js', ...command, '--schema']),
  );
