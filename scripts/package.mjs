// Builds the extension and packs it with the program that it starts: into dist/chirality.vsix for this platform, or
// into dist/chirality-PLATFORM.vsix with `--target PLATFORM` (linux-arm64, darwin-arm64, win32-x64, …). What it holds
// is decided by .vscodeignore; what of it is others' work is listed beside it, as dist/chirality*.cdx.json.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inputs } from './build.mjs';
import { copyNatives } from './natives.mjs';
import { carried, notices } from './notices.mjs';
import { sbom } from './sbom.mjs';
import { tool } from './tools.mjs';

const here = `${process.platform}-${process.arch}`;
const { target = here } = parseArgs({ options: { target: { type: 'string' } } }).values;
const [os, cpu] = target.split('-');
const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));

const packager = join(tool('vsce', new URL('vsce/', import.meta.url)), 'node_modules/@vscode/vsce');
const { createVSIX, listFiles, PackageManager } = createRequire(import.meta.url)(packager);

// Packed from a copy: beside the program that is used here, the libraries of another platform would break it.
const copy = resolve('dist/vsix');
rmSync(copy, { recursive: true, force: true });
const files = await listFiles({ packageManager: PackageManager.None });
for (const file of ['.vscodeignore', ...files]) cpSync(file, join(copy, file));

// The packager skips a node_modules folder at the top; beside the program, Node finds it first.
const modules = join(target === here ? '.' : modulesFor(os, cpu), 'node_modules');
copyNatives(modules, join(copy, 'dist/node_modules'), os, cpu);
const packages = carried(inputs(), { modules, os, cpu });
writeFileSync(join(copy, 'dist/ThirdPartyNotices.txt'), notices(packages));

const out = resolve(target === here ? 'dist/chirality' : `dist/chirality-${target}`);
writeFileSync(`${out}.cdx.json`, sbom(packages.map(({ name, version }) => `${name}@${version}`)));

await createVSIX({
  cwd: copy,
  packagePath: `${out}.vsix`,
  target,
  dependencies: false,
  allowMissingRepository: true,
  // Where the repository is known, a registry's page finds the pictures there.
  rewriteRelativeLinks: repository !== undefined,
});

/** The locked libraries as another platform installs them; none of their scripts runs. */
function modulesFor(os, cpu) {
  return tool(`modules-${os}-${cpu}`, new URL('../', import.meta.url), {
    args: ['--omit=dev', `--os=${os}`, `--cpu=${cpu}`],
  });
}
