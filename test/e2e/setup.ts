import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { chromiumPath, NO_CHROMIUM } from '../support/chromium.ts';
import { cannotRun } from '../support/required.ts';
import { vscodeServer } from './vscode-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null with the reason where the machine lacks something; the tests are then skipped. */
    vscode: { node: string; entry: string; vsix: string } | null;
  }
}

/** Finds or installs what the tests run on, before the first of them. */
export default function setup({ provide }: TestProject): void {
  try {
    if (!chromiumPath) throw new Error(NO_CHROMIUM);
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error('VS Code as a server is set up for Linux on x64 only.');
    }
    const server = vscodeServer();
    execFileSync(process.execPath, ['scripts/package.mjs'], { stdio: 'inherit' });
    provide('vscode', { ...server, vsix: 'dist/chirality.vsix' });
  } catch (error) {
    cannotRun('End-to-end tests', error);
    provide('vscode', null);
  }
}
