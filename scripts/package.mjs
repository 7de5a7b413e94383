// Builds the extension and packs it with the program that it starts: into dist/chirality.vsix for this platform, or
// into dist/chirality-PLATFORM.vsix with `--target PLATFORM` (linux-arm64, darwin-arm64, win32-x64, …).
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inputs } from './build.mjs';
import { copyNatives } from './natives.mjs';
import { notices } from './notices.mjs';
import { tool } from './tools.mjs';

const here = `${process.platform}-${process.arch}`;
const { target = here } = parseArgs({ options: { target: { type: 'string' } } }).values;
const [os, cpu] = target.split('-');

// What is not named here is not shipped.
const staged = resolve('dist/vsix');
rmSync(staged, { recursive: true, force: true });
mkdirSync(join(staged, 'dist'), { recursive: true });
for (const path of [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'docs',
  'media',
  'library',
  'bin',
  'dist/webview',
  'dist/torch-worker',
]) {
  cpSync(path, join(staged, path), { recursive: true, filter: (file) => !/\.map$|__pycache__/.test(file) });
}
for (const name of [
  'extension.cjs',
  'service.cjs',
  'cli.js',
  'embedded-engine.js',
  'run.schema.json',
  'sweep.schema.json',
]) {
  cpSync(join('dist', name), join(staged, 'dist', name));
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
for (const key of [
  'scripts',
  'devDependencies',
  'dependencies',
  'optionalDependencies',
  'allowScripts',
  'overrides',
]) {
  Reflect.deleteProperty(manifest, key);
}
writeFileSync(join(staged, 'package.json'), JSON.stringify(manifest, null, 2));
writeFileSync(join(staged, 'ThirdPartyNotices.txt'), notices(inputs));
writeFileSync(join(staged, '.vscodeignore'), ''); // all that was staged
// The packager skips a node_modules folder at the top; beside the program, Node finds it first.
const modules = target === here ? '.' : modulesFor(os, cpu);
copyNatives(join(modules, 'node_modules'), join(staged, 'dist/node_modules'), os, cpu);

const out = resolve(target === here ? 'dist/chirality.vsix' : `dist/chirality-${target}.vsix`);
const vsce = join(tool('vsce', new URL('vsce/', import.meta.url)), 'node_modules/@vscode/vsce/vsce');
const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
const packed = spawnSync(process.execPath, [vsce, ...args, '--target', target, '--out', out], {
  cwd: staged,
  stdio: 'inherit',
});
if (packed.status === 0) printSizes();
process.exitCode = packed.status ?? 1;

/** The locked libraries as another platform installs them; none of their scripts runs. */
function modulesFor(os, cpu) {
  return tool(`modules-${os}-${cpu}`, new URL('../', import.meta.url), {
    args: ['--omit=dev', `--os=${os}`, `--cpu=${cpu}`],
  });
}

function printSizes() {
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1).padStart(6)} MB`;
  const size = (path) =>
    statSync(path).isDirectory()
      ? readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0)
      : statSync(path).size;
  const own = [
    'dist/extension.cjs',
    'dist/service.cjs',
    'dist/webview',
    'dist/cli.js',
    'dist/embedded-engine.js',
  ];
  const natives = readdirSync(join(staged, 'dist/node_modules')).map((name) => `dist/node_modules/${name}`);
  for (const path of [...own, ...natives, ''])
    console.log(`${megabytes(size(join(staged, path)))}  ${path || 'all, unpacked'}`);
  console.log(`${megabytes(statSync(out).size)}  ${out}`);
}
