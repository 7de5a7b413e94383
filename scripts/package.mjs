// Builds the extension and packs it into dist/chirality.vsix. What goes in is listed in .vscodeignore.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tool } from './tools.mjs';
import './build.mjs';

const vsce = join(tool('vsce', new URL('vsce/', import.meta.url)), 'node_modules/@vscode/vsce/vsce');
const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
args.push('--out', 'dist/chirality.vsix');
process.exitCode = spawnSync(process.execPath, [vsce, ...args], { stdio: 'inherit' }).status ?? 1;
