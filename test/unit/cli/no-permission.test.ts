import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mirrorSample } from '../../../src/rows/views/mirror/mirror-sample.ts';
import { CLI } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-closed-');
chmodSync(folder, 0o755);

/** Nothing is closed to root: it asks as nobody, where nobody can get at the program. */
const root = process.getuid?.() === 0;
const open = (path: string): boolean =>
  (statSync(path).mode & 0o5) === 0o5 && (dirname(path) === path || open(dirname(path)));
const can = process.platform !== 'win32' && (!root || open(dirname(CLI)));
const chirality = (...args: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const someone = root ? { uid: 65_534, gid: 65_534 } : {};
    execFile(process.execPath, [CLI, ...args], { cwd: folder, ...someone }, (error, _, said) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, said });
    });
  });

/** A file of one row that waits, and its bytes. */
function rows(name: string, mode: number): { path: string; text: string } {
  const path = join(folder, name, 'data.qa.jsonl');
  mkdirSync(dirname(path));
  const sample = { id: 'a', question: 'Is it left of the cup?', answer: 'Yes', images: [] };
  const text = `${JSON.stringify({ ...sample, variants: { mirror: mirrorSample(sample) } })}\n`;
  writeFileSync(path, text);
  chmodSync(path, mode); // whatever the umask
  return { path, text };
}

describe.skipIf(!can)('files without permission', () => {
  test('reports a read-only folder by its own name, without the name of a temporary file', async () => {
    const { path, text } = rows('closed', 0o666);
    chmodSync(dirname(path), 0o555);
    for (const args of [
      ['review', path, '--accept', 'a'],
      ['view', 'mirror', path, '-o', join(dirname(path), 'new.qa.jsonl')],
    ]) {
      expect(await chirality(...args)).toEqual({
        code: 1,
        said: expect.stringContaining(`Cannot read or write ${dirname(path)}.`) as string,
      });
    }
    expect([readdirSync(dirname(path)), readFileSync(path, 'utf8')]).toEqual([['data.qa.jsonl'], text]);
    chmodSync(dirname(path), 0o755);
  });

  test('leaves a read-only file in a writable folder unchanged', async () => {
    const { path, text } = rows('guarded', 0o444);
    chmodSync(dirname(path), 0o777);
    const { code, said } = await chirality('review', path, '--accept', 'a');
    expect([code, said]).toEqual([1, expect.stringContaining(`Cannot read or write ${path}.`)]);
    expect([readdirSync(dirname(path)), readFileSync(path, 'utf8')]).toEqual([['data.qa.jsonl'], text]);
  });

  test('treats a run with an unreadable lock of any age as active', async () => {
    const { path, text } = rows('locked', 0o666);
    chmodSync(dirname(path), 0o777);
    const holder = join(folder, 'locked/.data.qa.jsonl.lock/a/holder.json');
    mkdirSync(dirname(holder), { recursive: true });
    writeFileSync(holder, '{}', { mode: root ? 0o600 : 0o200 });
    utimesSync(holder, 0, 0);
    for (const above of [dirname(holder), dirname(dirname(holder))]) chmodSync(above, 0o777);
    expect(await chirality('review', path, '--accept', 'a')).toEqual({
      code: 1,
      said: expect.stringContaining(`Cannot read or write ${holder}.`) as string,
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('reports unreadable files, folders instead of files, and missing folders', async () => {
    const { path } = rows('secret', 0o600);
    if (!root) chmodSync(path, 0o200);
    expect(await chirality('view', 'mirror', path)).toEqual({
      code: 2,
      said: `chirality: ${path}: You have no permission to read the file.\n`,
    });
    expect((await chirality('view', 'polarity', folder)).said).toBe(
      `chirality: ${folder}: The path is a folder, not a file.\n`,
    );
    const readable = rows('readable', 0o644).path;
    const { said } = await chirality('graph', 'compose', readable, '-o', join(folder, 'gone/x.qa.jsonl'));
    expect(said).toContain(`Folder ${join(folder, 'gone')} does not exist.`);
  });
});
