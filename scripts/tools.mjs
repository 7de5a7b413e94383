// Heavy tools (the packager, VS Code as a server) live in npm packages of their own, so that `npm ci` stays small.
// They are installed once, into a cache folder named after their lock file.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chirality');

/**
 * Runs npm and waits. The variables that an outer `npm run` sets would make it work on the outer package.
 * @param {string} folder
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [extra]
 */
export function npm(folder, args, extra = {}) {
  const env = { ...process.env, npm_config_audit: 'false', npm_config_fund: 'false', ...extra };
  for (const name of ['npm_config_local_prefix', 'npm_config_prefix', 'npm_package_json']) {
    Reflect.deleteProperty(env, name);
  }
  const { status } = spawnSync('npm', [...args, '--loglevel=error'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed.`);
}

/**
 * The folder where the package of `source` (package.json and package-lock.json) is installed.
 * @param {string} name
 * @param {URL} source with a slash at its end
 * @param {{ args?: string[], finish?: (folder: string) => void }} [more] arguments for `npm ci`, and what is left to do
 *   after it; runs once
 */
export function tool(name, source, { args = [], finish } = {}) {
  const files = ['package.json', 'package-lock.json', '.npmrc'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(new URL(file, source)));
  const folder = join(cache, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;

  console.log(`Installing ${name} into ${folder} (once).`);
  mkdirSync(cache, { recursive: true });
  // Built beside its place and moved there when complete: a broken installation is never found, nor half of one.
  const building = mkdtempSync(`${folder}.`);
  try {
    for (const file of files) copyFileSync(fileURLToPath(new URL(file, source)), join(building, file));
    npm(building, ['ci', '--ignore-scripts', ...args]);
    finish?.(building);
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return folder;
}
