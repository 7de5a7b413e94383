import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { folderOfEachTest } from '../../support/folder.ts';

let folder: string;
folderOfEachTest('chirality-settled-', (made) => (folder = made));

it('eval reports an internal error when a request never settles', () => {
  const stub = join(folder, 'stub.cjs');
  // A request that nothing alive in the process stands for.
  writeFileSync(
    stub,
    `const EventEmitter = require('node:events');
     require('node:http').request = () => Object.assign(new EventEmitter(), { end() {} });
     const real = setTimeout;
     globalThis.setTimeout = (...args) => real(...args).unref();`,
  );
  cpSync('test/fixtures/recorded/project/val', join(folder, 'val'), { recursive: true });
  const asked = ['--endpoint', 'http://127.0.0.1:9/v1', '--model', 'm', '--set', 'v=val/data.qa.jsonl'];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', stub, resolve('dist/cli.js'), 'eval', ...asked, '--limit', '1', '--no-cache'],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(stderr).toContain('The command stopped because of an internal error');
  expect(status).toBe(1);
});
