import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  runNode,
  findNode,
  NodeNotFound,
  onPath,
  type RunNode,
  type Node,
} from '../../../src/panels/host/node.host.ts';
import { folderOfTests } from '../../support/folder.ts';

const PROGRAM = '/extension/dist/cli.js';
const HOST = '/usr/share/code/code';

const folder = folderOfTests('chirality-node-');
beforeAll(() => {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'node'), '');
});

/** Executables by path: their version, and why the program's test of itself fails there. */
function machine(nodes: Record<string, { version: string; broken?: string }>) {
  const asked: { node: Node; args: string[] }[] = [];
  const ask: RunNode = (node, args) => {
    asked.push({ node, args });
    const known = nodes[node.path];
    if (!known) return Promise.reject(new Error('the file does not exist'));
    if (args[0] === '-p') return Promise.resolve(`${known.version}\n`);
    const { version, broken } = known;
    return broken === undefined
      ? Promise.resolve(JSON.stringify({ node: version }))
      : Promise.reject(new Error(broken));
  };
  return { ask, asked };
}

const places = (setting = '', path = '') => ({ setting, path, host: HOST });

describe('findNode', () => {
  test('returns the Node executable of the setting', async () => {
    const { ask, asked } = machine({ '/opt/node': { version: '22.1.0' }, [HOST]: { version: '22.0.0' } });
    expect(await findNode(places('/opt/node', join(folder, 'bin')), PROGRAM, ask)).toEqual({
      path: '/opt/node',
      env: {},
    });
    // One that works is started once: each start takes seconds on a busy machine.
    expect(asked.map(({ args }) => args)).toEqual([[PROGRAM, 'self-test']]);
  });

  test('rejects a setting that is not a working executable', async () => {
    const { ask } = machine({
      [join(folder, 'bin', 'node')]: { version: '22.1.0' },
      '/old': { version: '20.8.1' },
    });
    const asked = (setting: string) => findNode(places(setting, join(folder, 'bin')), PROGRAM, ask);
    await expect(asked('/gone')).rejects.toThrow(
      /\/gone from the setting chirality\.nodePath: the file does not exist\. Install Node 20\.9/,
    );
    await expect(asked('/old')).rejects.toThrow('Node 20.8.1 is older than 20.9');
    await expect(asked('/gone')).rejects.toBeInstanceOf(NodeNotFound);
  });

  test('falls back to the first Node on PATH', async () => {
    const path = [join(folder, 'none'), '', join(folder, 'bin')].join(delimiter);
    const found = join(folder, 'bin', 'node');
    const { ask } = machine({ [found]: { version: '20.9.0' } });
    expect(await findNode(places('', path), PROGRAM, ask)).toEqual({ path: found, env: {} });
  });

  test.each([
    ['no Node on PATH', '', {}],
    ['Node on PATH too old', 'bin', { version: '18.20.0' }],
    ['Node on PATH without onnxruntime', 'bin', { version: '22.0.0', broken: 'no onnxruntime' }],
  ])('falls back to the VS Code executable with ELECTRON_RUN_AS_NODE: %s', async (_, bin, node) => {
    const { ask, asked } = machine({
      [HOST]: { version: '22.15.0' },
      ...('version' in node && { [join(folder, 'bin', 'node')]: node }),
    });
    const own = { path: HOST, env: { ELECTRON_RUN_AS_NODE: '1' } };
    expect(await findNode(places('', bin && join(folder, bin)), PROGRAM, ask)).toEqual(own);
    // Without the variable, VS Code would open a window with the program's text.
    for (const { node } of asked.filter(({ node }) => node.path === HOST)) expect(node).toEqual(own);
  });

  test('reports the failure of each candidate, and a fix', async () => {
    const { ask } = machine({ [HOST]: { version: '22.15.0', broken: 'crashed (SIGSEGV)' } });
    await expect(findNode(places(), PROGRAM, ask)).rejects.toThrow(
      "Cannot find a usable Node: no Node on PATH; VS Code's own executable: crashed (SIGSEGV). " +
        'Install Node 20.9 or later (nodejs.org), or set chirality.nodePath to a Node executable.',
    );
  });

  test('rejects an executable that prints no version', async () => {
    const { ask } = machine({ '/bin/true': { version: '' } });
    await expect(findNode(places('/bin/true'), PROGRAM, ask)).rejects.toThrow('not a Node executable');
  });
});

test('onPath: searches PATH in order for files, like a shell', () => {
  mkdirSync(join(folder, 'first', 'node'), { recursive: true });
  writeFileSync(join(folder, 'bin', 'node.exe'), '');
  const path = [join(folder, 'first'), join(folder, 'bin')].join(delimiter);
  expect(onPath('node', path, 'linux')).toBe(join(folder, 'bin', 'node'));
  expect(onPath('node', path, 'win32')).toBe(join(folder, 'bin', 'node.exe'));
  expect(onPath('node', '', 'linux')).toBeNull();
});

describe('runNode', () => {
  const node = { path: process.execPath, env: { ELECTRON_RUN_AS_NODE: '1' } };

  test('returns the output, with the environment of the candidate', async () => {
    expect(await runNode(node, ['-p', 'process.env.ELECTRON_RUN_AS_NODE'])).toBe('1\n');
  });

  test('runNode reports why a process failed', async () => {
    const reason = (path: string, ...args: string[]) =>
      runNode({ path, env: {} }, args).then(
        () => '',
        (error: Error) => error.message,
      );
    const file = join(folder, 'not-executable');
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    expect(await reason(join(folder, 'gone'))).toBe('the file does not exist');
    expect(await reason(file)).toBe('no permission to execute');
    expect(await reason(node.path, '-e', 'process.kill(process.pid, "SIGKILL")')).toBe('crashed (SIGKILL)');
    expect(await reason(node.path, '-e', 'console.error("no onnxruntime"); process.exit(1)')).toBe(
      'no onnxruntime',
    );
    expect(await reason(node.path, '-e', 'process.exit(3)')).toBe('exit code 3');
  });

  test('runNode runs the self-test of the program', async () => {
    const answer = JSON.parse(await runNode(node, ['dist/cli.js', 'self-test'])) as object;
    expect(answer).toMatchObject({ node: process.versions.node });
  });
});
