import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError } from './datasets/data-error.ts';
import type { Problem } from '../core/problem.ts';
import { readNamedTextSync, readTextSync } from './files/regular.ts';

/** A folder of the package, found upwards from this file: it is bundled when installed, nested in source. */
export function packageFolder(name: string): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, name)) && existsSync(join(at, 'package.json'))) return join(at, name);
    if (dirname(at) === at) throw new Error(`The ${name} folder of the installation is missing.`);
  }
}

// What comes with the program as text, to be used by name, copied and edited.
const PRESETS = { folder: 'library/presets', suffix: '.run.yaml' };
const SWEEPS = { folder: 'library/sweeps', suffix: '.sweep.yaml' };
const PROMPTS = { folder: 'library/prompts', suffix: '.prompt.txt' };
type Shelf = typeof PRESETS;

const namesIn = ({ folder, suffix }: Shelf): string[] =>
  readdirSync(packageFolder(folder))
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => file.slice(0, -suffix.length));

/** Where the file of this name is; null when there is none. */
function pathIn({ folder, suffix }: Shelf, name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null;
  const path = join(packageFolder(folder), `${name}${suffix}`);
  return existsSync(path) ? path : null;
}

function textIn(shelf: Shelf, name: string): string | null {
  const path = pathIn(shelf, name);
  return path === null ? null : readTextSync(path);
}

export interface PresetSummary {
  name: string;
  /** The first sentence of the comment it begins with. */
  about: string;
  recipe: string;
  /** Of its adapter; null where it has none. */
  rank: number | null;
}

export function listPresets(): PresetSummary[] {
  return namesIn(PRESETS).map((name) => {
    const text = readPreset(name)!;
    const value = (key: string) => new RegExp(`^ *${key}: *(\\w+)`, 'm').exec(text)?.[1];
    const rank = value('rank');
    return {
      name,
      about: firstSentence(text),
      recipe: value('recipe')!,
      rank: rank === undefined ? null : Number(rank),
    };
  });
}

function firstSentence(text: string): string {
  const comment = /^(#.*\n)*/.exec(text)![0].replace(/^#\s*/gm, '').replaceAll('\n', ' ');
  return /^.*?\.(?= |$)/.exec(comment)?.[0] ?? comment.trim();
}

/** A preset's text; null when there is none of that name. */
export const readPreset = (name: string): string | null => textIn(PRESETS, name);

export interface SweepRecipe {
  name: string;
  /** Its first comment line. */
  about: string;
  /** Whether it has a small variant, which runs on the embedded engine. */
  small: boolean;
}

/** The experiments that come with the program. */
export const listSweepRecipes = (): SweepRecipe[] =>
  namesIn(SWEEPS).map((name) => ({
    name,
    about: readSweepRecipe(name)!.split('\n')[0]!.replace(/^#\s*/, ''),
    small: /^small:/m.test(readSweepRecipe(name)!),
  }));

/** The text of a recipe; null when there is none of that name. */
export const readSweepRecipe = (name: string): string | null => textIn(SWEEPS, name);

/**
 * A prompt by the name of one that comes with the program, or by the path of a file.
 * @param parse what this kind of prompt must look like.
 * @throws DataError when there is none, or it has mistakes.
 */
export function openPrompt<P>(
  nameOrPath: string,
  parse: (name: string, file: string) => { prompt: P; problems: [] } | { prompt: null; problems: Problem[] },
): P {
  const path = pathIn(PROMPTS, nameOrPath) ?? nameOrPath;
  if (!existsSync(path)) {
    throw new DataError('prompt-missing', `There is no prompt "${nameOrPath}".`, {
      fix: `Name a file, or one of the prompts in ${packageFolder(PROMPTS.folder)}.`,
    });
  }
  const { prompt, problems } = parse(nameOrPath, readNamedTextSync(path));
  if (prompt) return prompt;
  const { code, message, fix } = problems[0]!;
  throw new DataError(code, `${path}: ${message}`, { ...(fix && { fix }) });
}
