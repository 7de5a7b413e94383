import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gitState } from '../../../../src/lab/runs/versions.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-git-');

it.skipIf(process.platform === 'win32' || spawnSync('git', ['--version']).status !== 0)(
  'gitState: reads the commit of a folder without running programs from its git config',
  () => {
    const ran = join(folder, 'ran');
    const hook = join(folder, 'hook');
    writeFileSync(hook, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'a');
    git('config', 'core.fsmonitor', hook);
    expect(gitState(folder)).toEqual({ commit: git('rev-parse', 'HEAD').trim() });
    expect(existsSync(ran)).toBe(false);
    expect(gitState(tmpdir())).toBeNull();
  },
);
