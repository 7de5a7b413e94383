import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import type { Problem } from '../../base/problem.ts';
import { parseRecord, RecordError } from '../../base/record.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { fileSha256, sha256, writeAtomically } from '../files/atomic.ts';
import { DataError } from './data-error.ts';
import { defaultDataRoot, ImageFiles } from './image-files.ts';
import { readQaJsonl } from './rows.ts';
import { isElsewhere, isInside, realPathInside } from '../files/inside.ts';
import { readText, streamFile } from '../files/regular.ts';
import { ifMissing, unlessUnreadable } from '../files/disk-error.ts';

const frozenImage = z.looseObject({ path: z.string(), sha256: z.string() });

/** Manifest of a frozen dataset. Paths are relative to the manifest's folder. */
const frozenSetSchema = z.object({
  kind: z.literal('frozen-set'),
  version: z.string(),
  /** Checksum of all other manifest fields, which identifies the dataset. */
  sha256: z.string(),
  files: z.array(frozenImage.extend({ rows: z.int().min(0) })),
  /** Images that the rows refer to, as paths. A parquet table counts as one file. */
  images: z.array(frozenImage),
});
export type FrozenSet = z.infer<typeof frozenSetSchema>;

/**
 * Freezes data files as a version: writes a manifest with the checksums of the files and of all their images. Paths are
 * relative to the manifest's folder.
 * @param onRow called for every row
 * @throws DataError if a row or an image is unreadable, or if the version already exists with different content
 */
export async function freeze(
  paths: readonly string[],
  version: string,
  manifest: string,
  onRow: () => void = () => undefined,
): Promise<FrozenSet> {
  const set = await frozen(paths, version, dirname(manifest), onRow);
  const isThere = (await lstat(manifest).catch(ifMissing(null))) !== null;
  const before = isThere ? await readFrozen(manifest) : null;
  if (before?.version === version && before.sha256 !== set.sha256)
    throw new DataError('frozen', `Version ${version} is already frozen with different content.`, {
      file: manifest,
      fix: `Choose another version. To list the changes, run chirality data check ${manifest}.`,
    });
  await writeAtomically(manifest, `${JSON.stringify(set, null, 1)}\n`);
  return set;
}

/** Computes the checksums of a dataset. @param folder folder to which the paths are relative */
async function frozen(
  paths: readonly string[],
  version: string,
  folder: string,
  onRow: () => void,
): Promise<FrozenSet> {
  const files: FrozenSet['files'] = [];
  const images = new Map<string, string>();
  const within = (path: string) => relative(resolve(folder), resolve(path)).split(sep).join('/');
  for (const path of paths) {
    const pictures = new ImageFiles(dirname(path), defaultDataRoot(path));
    let rows = 0;
    for await (const { sample, line, problems } of readQaJsonl(await streamFile(path))) {
      const place = `${path}:${line}`;
      if (!sample) throw new DataError('row', problems[0]!.message, { file: place });
      rows += 1;
      onRow();
      for (const name of sample.images.flatMap(fileOf)) {
        const picture = resolve(dirname(path), name);
        if (images.has(picture)) continue;
        const real = await pictures.resolve(name).catch((error: unknown) => {
          throw new DataError('image', (error as Error).message, { file: place });
        });
        images.set(picture, await fileSha256(real));
        const depth = await pictures.depthFile(name);
        if (depth) images.set(depth.path, await fileSha256(depth.path));
      }
    }
    if (rows === 0) throw new DataError('no-rows', 'The file has no rows.', { file: path });
    files.push({ path: within(path), sha256: await fileSha256(path), rows });
  }
  const list = [...images].map(([picture, hash]) => ({ path: within(picture), sha256: hash }));
  const content = { files, images: list.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  return { kind: 'frozen-set', version, sha256: sha256(JSON.stringify(content)), ...content };
}

const fileOf = (image: ImageRef): string[] => {
  const path = typeof image === 'string' ? image : (image.parquet ?? image.path);
  return path === undefined ? [] : [path];
};

/** Reads the manifest of a frozen set. @throws DataError for a file that is not such a manifest */
async function readFrozen(path: string): Promise<FrozenSet> {
  try {
    return parseRecord(frozenSetSchema, await readText(path), { file: basename(path) });
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new DataError('frozen', `The file is not the manifest of a frozen dataset: ${error.message}`, {
      file: path,
    });
  }
}

/**
 * Reads a manifest, and reports each file and image that has changed since the set was frozen.
 * @param root folder that must contain all files. Other files are not opened
 * @throws DataError for a file that is not a manifest
 */
export async function checkFrozen(
  manifest: string,
  root: string,
): Promise<{ set: FrozenSet; problems: Problem[] }> {
  const set = await readFrozen(manifest);
  const problems: Problem[] = [];
  const { files, images } = set;
  const report = (code: string, path: string, message: string, fix?: string) =>
    problems.push({ severity: 'error', code, path, message, ...(fix && { fix }) });
  if (sha256(JSON.stringify({ files, images })) !== set.sha256)
    report('frozen-manifest', 'sha256', 'The manifest changed after the dataset was frozen.');
  const roots = await realpath(root);
  for (const { path, sha256: hash } of [...files, ...images]) {
    const file = resolve(dirname(manifest), path);
    const isNear = !isElsewhere(path) && isInside(resolve(root), file);
    // Undefined if the file does not exist, or null if the file is outside `root`.
    const inside = isNear
      ? await realPathInside(roots, join(roots, relative(resolve(root), file)), resolve(root)).catch(
          unlessUnreadable(undefined),
        )
      : null;
    if (inside === null) {
      const fix = 'Pass a folder that contains the whole dataset with --data-root.';
      report('frozen-outside', path, `Cannot check a file outside ${root}.`, fix);
      continue;
    }
    // Reading a named pipe as a file would never finish.
    const isFile = inside !== undefined && (await stat(inside)).isFile();
    const now = isFile ? await fileSha256(inside) : null;
    const fix = 'Restore the frozen file, or freeze the changed dataset under another version.';
    if (now === null) report('frozen-missing', path, 'The file does not exist.', fix);
    else if (now !== hash)
      report('frozen-changed', path, `The file differs from version ${set.version}.`, fix);
  }
  return { set, problems };
}
