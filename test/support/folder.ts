import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, onTestFinished, TestRunner } from 'vitest';

/**
 * Makes a folder, which is removed after the test that calls this, or outside of tests and hooks after the tests of the
 * file or block. @param name how its name begins
 */
export function folderOfTests(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  if (TestRunner.getCurrentTest()) onTestFinished(remove);
  else afterAll(remove);
  return folder;
}

/** Makes a folder before each test, which is removed after it. @param name how its name begins */
export const folderOfEachTest = (name: string, take: (folder: string) => void): void =>
  beforeEach(() => take(folderOfTests(name)));
