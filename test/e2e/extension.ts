import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tool } from '../../scripts/tools.mjs';

/**
 * Packs an extension for tests into a folder of its own.
 * @param main its program, as CommonJS.
 * @returns the path of the package.
 */
export function packExtension(folder: string, manifest: Record<string, unknown>, main: string): string {
  mkdirSync(folder);
  const whole = {
    name: 'test',
    publisher: 'test',
    version: '1.0.0',
    engines: { vscode: '^1.101.0' },
    main: './main.js',
    activationEvents: ['onStartupFinished'],
    ...manifest,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(whole));
  writeFileSync(join(folder, 'main.js'), main);
  writeFileSync(join(folder, '.vscodeignore'), '');
  const vsce = join(tool('vsce', pathToFileURL('scripts/vsce/')), 'node_modules/@vscode/vsce/vsce');
  const out = join(folder, 'extension.vsix');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', out];
  execFileSync(process.execPath, [vsce, ...args], { cwd: folder, stdio: 'ignore' });
  return out;
}
