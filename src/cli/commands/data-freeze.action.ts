import { requireUsable } from '../usable.ts';
import { requireFile, formatProblem } from '../input.ts';
import { freeze, readFrozen, checkFrozen } from '../../lab/datasets/freeze.ts';
import { Progress } from '../progress.ts';
import { dirname } from 'node:path';
import { lstat } from 'node:fs/promises';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { JobError } from '../errors.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { printJson, note, tell, print } from '../print.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { several } from '../../core/format.ts';
import { FROZEN_SUFFIX } from '../../lab/datasets/data-file.ts';

interface Flags {
  release: string;
  output?: string;
  json?: true;
}

export async function run(files: string[], { release, output, json }: Flags): Promise<void> {
  for (const file of files) await requireFile(file);
  await requireUsable(files.map((path) => ({ path, root: defaultDataRoot(path) })));
  const manifest = output ?? files[0]!.replace(/(?:\.qa)?\.jsonl$/, '') + FROZEN_SUFFIX;
  const progress = new Progress('freeze');
  let rows = 0;
  const set = await freeze(files, release, dirname(manifest), () => progress.update((rows += 1)));
  progress.end();
  const isThere = (await lstat(manifest).catch(ifMissing(null))) !== null;
  const before = isThere ? await readFrozen(manifest) : null;
  if (before?.version === release && before.sha256 !== set.sha256) {
    const fix = `Choose another version; chirality data check ${manifest} says what changed.`;
    throw new JobError(`Version ${release} is already frozen with different content.`, {
      file: manifest,
      fix,
    });
  }
  await writeAtomically(manifest, (file) => file.writeFile(`${JSON.stringify(set, null, 1)}\n`));
  if (json) printJson(set);
  note(`${manifest}: version ${release}, ${rows} rows, ${set.images.length} pictures, sha256 ${set.sha256}`);
}

/** Checks a frozen set and prints what has changed. @returns whether nothing has */
export async function checkManifest(
  path: string,
  { json, dataRoot }: { json?: boolean; dataRoot?: string },
): Promise<boolean> {
  const set = await readFrozen(path);
  const problems = await checkFrozen(set, path, dataRoot ?? defaultDataRoot(path));
  for (const problem of problems) {
    if (json) printJson({ file: path, ...problem });
    else tell(formatProblem(path, undefined, problem));
  }
  const { version, sha256, files, images } = set;
  if (json) printJson({ summary: { version, sha256, changed: problems.length } });
  else if (problems.length === 0)
    print(
      `${path}: version ${version} as it was frozen: ${several(files.length, 'file')}, ${several(images.length, 'picture')}.`,
    );
  return problems.length === 0;
}
