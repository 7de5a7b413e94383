import { existsSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, resolve, join } from 'node:path';
import { readMakeCommand } from '../core/config/check-sweep.ts';
import { namedPaths, type Tree } from '../core/config/tree.ts';
import { loadSweep } from '../core/config/load-sweep.ts';
import { problemText } from '../core/config/config-source.ts';
import { namesHint } from '../base/problem.ts';
import { listSweepRecipes, readPreset, readSweepRecipe } from '../lab/library.ts';
import { withAbsolutePaths } from '../lab/runs/config-paths.ts';
import { isInside } from '../lab/files/inside.ts';
import { JobError, UsageError } from './errors.ts';
import type { SweepPlan } from '../core/config/sweep-plan.ts';
import { madeFolder, madeSet } from '../lab/sweeps/sweep-folder.ts';
import { runThisProgram } from './find-runs.ts';
import { makeFolder } from '../lab/files/folders.ts';
import { note, tell } from './print.ts';
import { readTextSync } from '../lab/files/regular.ts';
import { ifMissing } from '../lab/files/disk-error.ts';

type LoadedSweep = NonNullable<ReturnType<typeof loadSweep>['sweep']>;

/** Text of a sweep, and its file, which is the base for relative paths and appears in error messages. */
interface SweepText {
  text: string;
  file: string;
}

/** Returns a recipe as a sweep file in the current folder. @throws UsageError if the recipe does not exist */
export function recipeText(name: string): SweepText {
  const text = readSweepRecipe(name);
  if (text === null)
    throw new UsageError(`Recipe "${name}" does not exist.`, {
      fix: namesHint(
        name,
        'Recipes',
        listSweepRecipes().map((recipe) => recipe.name),
      ),
    });
  return { text, file: `${name}.sweep.yaml` };
}

/**
 * Loads a sweep. Writes warnings to standard error.
 * @param instead sections from the command line, which replace the file's sections
 * @throws JobError with every mistake and its line, and with missing data files
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
        return { text: readTextSync(full), relocate };
      },
    },
    { small, instead },
  );
  const lines = problems.map(problemText);
  if (!sweep) throw new JobError(`Cannot start the sweep.\n${lines.join('\n')}`, { file });
  for (const line of lines) tell(line);
  const missing = missingFiles(sweep, folder);
  if (missing.length > 0)
    throw new JobError(`These files do not exist: ${missing.join(', ')}.`, {
      file,
      fix: howToMake(missing, sweep),
    });
  return sweep;
}

function howToMake(missing: readonly string[], { config: { needs } }: LoadedSweep): string {
  const commands = missing.flatMap((set) => (needs[set] ? [`${set}: ${needs[set]}`] : []));
  const others =
    commands.length < missing.length
      ? [
          'Create data files with `chirality convert` (published datasets) or `chirality worlds` (synthetic scenes).',
        ]
      : [];
  return [
    ...commands,
    ...others,
    'Or set other files under base.data (for a recipe, in a copy from --print). Paths are relative to the sweep file.',
  ].join('\n  ');
}

/** Returns files that the runs or datasets need, but that do not exist and that the sweep does not create. */
function missingFiles({ config, arms }: LoadedSweep, folder: string): string[] {
  const inputs = Object.values(config.make).flatMap((command) => {
    const { words, input } = readMakeCommand(command);
    const path = words[input];
    return path === undefined || path.startsWith('-') ? [] : [path];
  });
  const isMade = Object.keys(config.make).length > 0; // `data.root` can be the sweep folder, which might not exist yet.
  const named = arms
    .flatMap((arm) => namedPaths(arm.config))
    .filter(({ at }) => !(isMade && at.join('.') === 'data.root'))
    .map(({ path }) => path);
  const ours = new Set([...Object.keys(config.make), ...arms.map(({ name }) => name)]);
  return [...new Set([...named, ...inputs])].filter(
    (path) => !ours.has(path) && !existsSync(resolve(folder, path)),
  );
}

/**
 * Creates the missing datasets and models of a sweep in the order of the file, each with a command of this program. A
 * command can use an earlier dataset as its input.
 * @throws JobError if a command fails (it has printed the reason), or, before the first command, if a link leads out of
 * the file's folder
 */
export async function makeSets(sweep: string, { make, file }: SweepPlan): Promise<void> {
  for (const [name, words] of Object.entries(make)) await clamp(sweep, name, words, { make, file });
  for (const [name, words] of Object.entries(make)) {
    const folder = madeFolder(sweep, name);
    const { input, makesModel } = readMakeCommand(words);
    const made = makesModel ? join(folder, 'config.json') : madeSet(sweep, name);
    if (existsSync(made)) continue;
    note(`Creating ${name}: ${words.join(' ')}`);
    await makeFolder(folder);
    const seed = words.some((word) => /^--seed(?:=|$)/.test(word)) ? [] : ['--seed', name];
    const options =
      input < 0
        ? [...words, ...seed, '--force', '-o', folder]
        : [
            ...words.map((word, i) => (i === input && word in make ? madeSet(sweep, word) : word)),
            '-o',
            makesModel ? folder : made,
          ];
    const code = await runThisProgram(options, { cwd: dirname(file), stdio: ['ignore', 2, 2] });
    if (code !== 0 || !existsSync(made))
      throw new JobError(`Cannot create "${name}".`, { file, fix: `Correct make.${name}.` });
  }
}

/**
 * Checks that the paths of a command stay inside the sweep file's folder. The author of the file can be untrusted, so a
 * link must not redirect reading or writing to another folder.
 */
async function clamp(
  sweep: string,
  name: string,
  words: readonly string[],
  { make, file }: Pick<SweepPlan, 'make' | 'file'>,
): Promise<void> {
  const folder = dirname(file);
  const read = readMakeCommand(words)
    .paths.filter((path) => !(path in make))
    .map((path) => resolve(folder, path));
  const written = madeFolder(sweep, name);
  // The user, not the sweep file, chose an output folder that is outside.
  const paths = isInside(folder, written) ? [...read, written] : read;
  const root = await realpath(folder);
  for (const path of paths) {
    const real = await realPlace(path);
    if (real === null || !isInside(root, real))
      throw new JobError(`make.${name}: ${path} leads outside ${folder}.`, {
        file,
        fix: 'Create this dataset yourself, and set its file under base.data.',
      });
  }
}

/** Returns the real path of a file, or of its nearest existing folder; null for a broken link. */
async function realPlace(path: string): Promise<string | null> {
  const isThere = (await lstat(path).catch(ifMissing(null))) !== null;
  return isThere ? realpath(path).catch(ifMissing(null)) : realPlace(dirname(path));
}
