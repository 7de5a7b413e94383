// Builds the extension and packs it with the program that it starts: into dist/chirality.vsix for this platform, or
// into dist/chirality-PLATFORM.vsix with `--target PLATFORM` (linux-arm64, darwin-arm64, win32-x64, …). What it holds
// is decided by .vscodeignore.
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import './build.mjs';
import { copyNatives } from './natives.mjs';
import { tool } from './tools.mjs';

const here = `${process.platform}-${process.arch}`;
const { target = here } = parseArgs({ options: { target: { type: 'string' } } }).values;
const [os, cpu] = target.split('-');

const packager = join(tool('vsce', new URL('vsce/', import.meta.url)), 'node_modules/@vscode/vsce');
const { createVSIX, listFiles, PackageManager } = createRequire(import.meta.url)(packager);

// Packed from a copy: beside the program that is used here, the libraries of another platform would break it.
const copy = resolve('dist/vsix');
rmSync(copy, { recursive: true, force: true });
const files = await listFiles({ packageManager: PackageManager.None });
for (const file of ['.vscodeignore', ...files]) cpSync(file, join(copy, file));

// The packager skips a node_modules folder at the top; beside the program, Node finds it first.
const modules = target === here ? '.' : modulesFor(os, cpu);
copyNatives(join(modules, 'node_modules'), join(copy, 'dist/node_modules'), os, cpu);

await createVSIX({
  cwd: copy,
  packagePath: resolve(target === here ? 'dist/chirality.vsix' : `dist/chirality-${target}.vsix`),
  target,
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});

/** The locked libraries as another platform installs them; none of their scripts runs. */
function modulesFor(os, cpu) {
  return tool(`modules-${os}-${cpu}`, new URL('../', import.meta.url), {
    args: ['--omit=dev', `--os=${os}`, `--cpu=${cpu}`],
  });
}
