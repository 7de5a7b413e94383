import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inputAt, wordsOf } from '../../core/config/check-sweep.ts';
import { namedPaths } from '../../core/config/named-paths.ts';
import { loadSweep, type LoadedSweep } from '../../core/config/load-sweep.ts';
import { problemText } from '../../core/config/source.ts';
import type { Tree } from '../../core/config/tree.ts';
import { readPreset } from '../../lab/presets.ts';
import { withAbsolutePaths } from '../../lab/runs/config-paths.ts';
import { readSweepRecipe } from '../../lab/sweep-recipes.ts';
import { JobError } from '../errors.ts';

/** Where a sweep comes from: its text, and the file that its paths are relative to and that mistakes name. */
export interface SweepText {
  text: string;
  file: string;
}

/** @throws JobError when it cannot be read. */
export function readSweepText(path: string): SweepText {
  try {
    return { text: readFileSync(path, 'utf8'), file: path };
  } catch {
    throw new JobError('No such file, or it cannot be read.', { file: path });
  }
}

/** A recipe, as if it lay in the current folder. @throws JobError when there is none of that name. */
export function recipeText(name: string): SweepText {
  const text = readSweepRecipe(name);
  if (text === null)
    throw new JobError(`There is no recipe "${name}".`, { fix: '`chirality sweep recipes` lists them.' });
  return { text, file: `${name}.sweep.yaml` };
}

/**
 * Puts a sweep together. Warnings go to standard error.
 * @param instead sections given on the command line.
 * @throws JobError naming every mistake with its line, and data files that do not exist.
 */
export function readSweep({ text, file }: SweepText, small: boolean, instead: Tree): LoadedSweep {
  const folder = dirname(resolve(file));
  const { sweep, problems } = loadSweep(
    text,
    file,
    {
      readPreset,
      readConfig: (path) => {
        const full = resolve(folder, path);
        if (!existsSync(full)) return null;
        const relocate = (tree: Tree) => withAbsolutePaths(tree, dirname(full));
        return { text: readFileSync(full, 'utf8'), relocate };
      },
    },
    { small, instead },
  );
  const lines = problems.map(problemText);
  if (!sweep) throw new JobError(`the sweep cannot start.\n${lines.join('\n')}`, { file });
  for (const line of lines) console.error(line);
  const missing = missingFiles(sweep, folder);
  if (missing.length > 0)
    throw new JobError(`there is no ${missing.join(', no ')}.`, { file, fix: howToMake(missing, sweep) });
  return sweep;
}

/** The commands that make missing files. */
function howToMake(missing: readonly string[], { config: { needs } }: LoadedSweep): string {
  const commands = missing.flatMap((set) => (needs[set] ? [`${set}: ${needs[set]}`] : []));
  const others =
    commands.length < missing.length
      ? ['`chirality convert` makes data files of published sets, `chirality worlds` of synthetic scenes.']
      : [];
  return [
    ...commands,
    ...others,
    'Or name other files under base.data, of a recipe in a copy that --print writes; paths are relative to the file.',
  ].join('\n  ');
}

/** What the runs name that is neither there nor made, and what sets are to be made of. */
function missingFiles({ config, arms }: LoadedSweep, folder: string): string[] {
  const inputs = Object.values(config.make).flatMap((command) => {
    const words = wordsOf(command);
    const input = words[inputAt(words)];
    return input === undefined || input.startsWith('-') ? [] : [input];
  });
  const isMade = Object.keys(config.make).length > 0; // the folder of the sweep may be their root
  const named = arms
    .flatMap((arm) => namedPaths(arm.config))
    .filter(({ at }) => !(isMade && at.join('.') === 'data.root'))
    .map(({ path }) => path);
  const ours = new Set([...Object.keys(config.make), ...arms.map(({ name }) => name)]);
  return [...new Set([...named, ...inputs])].filter(
    (path) => !ours.has(path) && !existsSync(resolve(folder, path)),
  );
}
