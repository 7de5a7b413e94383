// Bundles the program into dist/.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { bundles } from './bundles.mjs';
import { notices } from './notices.mjs';

const built = await Promise.all(Object.values(bundles).map((bundle) => build({ ...bundle, metafile: true })));

const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync('dist/ThirdPartyNotices.txt', notices(inputs));
// The parts of the command line have names by content: those of earlier builds go.
const outputs = new Set(built.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
for (const name of readdirSync('dist').filter((name) => name.startsWith('cli-')))
  if (!outputs.has(`dist/${name}`)) rmSync(`dist/${name}`);
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
