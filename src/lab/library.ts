import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { DataError } from './datasets/data-error.ts';
import type { Problem } from '../base/problem.ts';
import { readNamedTextSync, readTextSync } from './files/regular.ts';

/** Finds a folder of the package above this file. An installed package is bundled, but source files are nested. */
export function packageFolder(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, name)) && existsSync(join(folder, 'package.json'))) return join(folder, name);
    if (dirname(folder) === folder)
      throw new Error(`Cannot find the ${name} folder of the installation. Reinstall Chirality.`);
  }
}

// Built-in texts, which users can select by name, copy and edit.
const PRESETS = { folder: 'library/presets', suffix: '.run.yaml' };
const SWEEPS = { folder: 'library/sweeps', suffix: '.sweep.yaml' };
const PROMPTS = { folder: 'library/prompts', suffix: '.prompt.txt' };
export const STRATEGIES = { folder: 'library/strategies', suffix: '.strategy.yaml' };
type Shelf = typeof PRESETS;

export const namesIn = ({ folder, suffix }: Shelf): string[] =>
  readdirSync(packageFolder(folder))
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => file.slice(0, -suffix.length));

/** Returns the path of the file with this name. Null without such a file. */
export function pathIn({ folder, suffix }: Shelf, name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null;
  const path = join(packageFolder(folder), `${name}${suffix}`);
  return existsSync(path) ? path : null;
}

function textIn(shelf: Shelf, name: string): string | null {
  const path = pathIn(shelf, name);
  return path === null ? null : readTextSync(path);
}

interface PresetSummary {
  name: string;
  /** Purpose, requirements and duration of the preset, from the first line of its file. */
  about: string;
  recipe: string;
  engine: string;
  /** Hugging Face Hub id of the model; null for the tiny model. */
  model: string | null;
}

export function listPresets(): PresetSummary[] {
  return namesIn(PRESETS).map((name) => {
    const text = readPreset(name)!;
    const { recipe, engine } = parse(text) as { recipe: string; engine: { kind: string; model?: string } };
    return {
      name,
      about: firstLine(text),
      recipe,
      engine: engine.kind,
      model: engine.model ?? null,
    };
  });
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.replace(/^#\s*/, '');

export const readPreset = Object.assign((name: string): string | null => textIn(PRESETS, name), {
  names: () => namesIn(PRESETS),
});

interface SweepRecipe {
  name: string;
  /** First comment line of the recipe's file, which describes the recipe. */
  about: string;
  /** Whether the recipe has a small variant, which the embedded engine can run. */
  small: boolean;
}

/** Lists the built-in experiments. */
export const listSweepRecipes = (): SweepRecipe[] =>
  namesIn(SWEEPS).map((name) => ({
    name,
    about: firstLine(readSweepRecipe(name)!),
    small: /^small:/m.test(readSweepRecipe(name)!),
  }));

export const readSweepRecipe = (name: string): string | null => textIn(SWEEPS, name);

const SKILLS = 'library/skills';

/** Lists the skills that teach agents to use the program. */
export const listSkills = (): { name: string; about: string; text: string }[] =>
  readdirSync(packageFolder(SKILLS))
    .sort()
    .map((name) => {
      const text = readTextSync(join(packageFolder(SKILLS), name, 'SKILL.md'));
      return { name, about: /^description: *(.*)$/m.exec(text)?.[1] ?? '', text };
    });

/**
 * Opens a prompt: a built-in prompt by name, or a file by path.
 * @param parse parser for this kind of prompt.
 * @throws DataError if the prompt does not exist or has mistakes.
 */
export function openPrompt<P>(
  nameOrPath: string,
  parse: (name: string, file: string) => { prompt: P; problems: [] } | { prompt: null; problems: Problem[] },
): P {
  const path = pathIn(PROMPTS, nameOrPath) ?? nameOrPath;
  if (!existsSync(path)) {
    throw new DataError('prompt-missing', `Prompt "${nameOrPath}" does not exist.`, {
      fix: `Pass a file, or one of ${namesIn(PROMPTS)
        .filter((name) => parse(name, textIn(PROMPTS, name)!).prompt)
        .join(', ')}.`,
    });
  }
  const { prompt, problems } = parse(nameOrPath, readNamedTextSync(path));
  if (prompt) return prompt;
  const { code, message, fix } = problems[0]!;
  throw new DataError(code, `${path}: ${message}`, { ...(fix && { fix }) });
}
