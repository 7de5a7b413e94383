import { createHash } from 'node:crypto';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileHashes } from '../../../../src/lab/files/hashes.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-hashes-');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** As large as the smallest file whose hash is cached. */
const large = (text: string) => text.padEnd(4097);

it('FileHashes hashes a file once, across processes, until its size or times change', async () => {
  const [file, cache] = [join(folder, 'weights'), join(folder, 'new/folder/hashes.json')];
  await writeFile(file, large('one'));
  await writeFile(`${file}-small`, 'small');
  const hashes = new FileHashes(cache);
  expect(await hashes.of(file)).toBe(sha256(large('one')));
  expect(await hashes.of(`${file}-small`)).toBe(sha256('small'));
  await hashes.keep();
  const kept = JSON.parse(await readFile(cache, 'utf8')) as Record<string, string>;
  expect(Object.values(kept)).toEqual([sha256(large('one'))]);
  // What is kept is taken, not computed again.
  await writeFile(cache, JSON.stringify(Object.fromEntries(Object.keys(kept).map((key) => [key, 'kept']))));
  expect(await new FileHashes(cache).of(file)).toBe('kept');
  // Other content of the same size, with the old time of change put back.
  const before = new Date(1_700_000_000_000);
  await utimes(file, before, before);
  const later = new FileHashes(cache);
  expect(await later.of(file)).toBe(sha256(large('one')));
  await writeFile(file, large('two'));
  await utimes(file, before, before);
  expect(await later.of(file)).toBe(sha256(large('two')));
});

it('FileHashes hashes again if the cache is broken or not writable', async () => {
  const [file, cache] = [join(folder, 'other'), join(folder, 'broken.json')];
  await writeFile(file, large('text'));
  await writeFile(cache, '{"cut');
  expect(await new FileHashes(cache).of(file)).toBe(sha256(large('text')));
  const nowhere = new FileHashes(join(file, 'hashes.json'));
  expect(await nowhere.of(file)).toBe(sha256(large('text')));
  await nowhere.keep();
});
