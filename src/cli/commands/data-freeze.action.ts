import type { OptionsOf } from '../command-options.ts';
import type { addFreezeCommand } from './data.command.ts';
import { requireUsable } from '../print-usable.ts';
import { requireFile, formatProblem } from '../input.ts';
import { freeze, checkFrozen } from '../../lab/datasets/freeze.ts';
import { Progress } from '../progress.ts';
import { printJson, note, tell, print } from '../print.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { several } from '../../base/format.ts';
import { FROZEN_SUFFIX } from '../../lab/datasets/data-file.ts';

export async function run(
  files: string[],
  { release, output, json }: OptionsOf<typeof addFreezeCommand>,
): Promise<void> {
  for (const file of files) await requireFile(file);
  await requireUsable(files.map((path) => ({ path, root: defaultDataRoot(path) })));
  const manifest = output ?? files[0]!.replace(/(?:\.qa)?\.jsonl$/, '') + FROZEN_SUFFIX;
  const progress = new Progress('row');
  let rows = 0;
  const onRow = () => progress.update((rows += 1));
  const set = await freeze(files, release, manifest, onRow).finally(() => progress.end());
  if (json) printJson(set);
  note(`${manifest}: version ${release}, ${rows} rows, ${set.images.length} images, sha256 ${set.sha256}`);
}

/** Checks a frozen set and prints its changes. @returns whether the set is unchanged */
export async function checkManifest(
  path: string,
  { json, dataRoot }: { json?: boolean; dataRoot?: string },
): Promise<boolean> {
  const { set, problems } = await checkFrozen(path, dataRoot ?? defaultDataRoot(path));
  for (const problem of problems) {
    if (json) printJson({ file: path, ...problem });
    else tell(formatProblem(path, undefined, problem));
  }
  const { version, sha256, files, images } = set;
  if (json) printJson({ summary: { version, sha256, changed: problems.length } });
  else if (problems.length === 0)
    print(
      `${path}: version ${version} is unchanged: ${several(files.length, 'file')}, ${several(images.length, 'image')}.`,
    );
  return problems.length === 0;
}
