import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';

/** A folder for the tests of a file, or of a block, which is removed after them. @param name how its name begins */
export function folderOfTests(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** Makes a folder before each test, which is removed after it. @param name how its name begins */
export function folderOfEachTest(name: string, take: (folder: string) => void): void {
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), name));
    take(folder);
    return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
}
