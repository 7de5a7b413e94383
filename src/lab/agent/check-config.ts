import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { derivedNumbers } from '../../core/config/derived.ts';
import { loadRun } from '../../core/config/load.ts';
import { loadSweep } from '../../core/config/load-sweep.ts';
import { treeOf } from '../../core/config/editor/presets.ts';
import { isRecord } from '../../base/json.ts';
import { planSweep } from '../../core/config/sweep-plan.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { namedPaths } from '../../core/config/tree.ts';
import { readText, readTextSync } from '../files/regular.ts';
import { readPreset, readSweepRecipe, listSweepRecipes } from '../library.ts';
import { withAbsolutePaths } from '../runs/config-paths.ts';
import { AgentError, cutText, fitting, picked, shortened, type Answer } from './agent-answer.ts';
import type { AgentContext } from './agent-context.ts';
import { mayRead, nameBelow, placeOf } from './places.ts';
import { presetTree, settingsBeside } from './read-run.ts';
import type { InputOf } from './agent-tools.ts';

/** Maximum number of problems and of conditions in an answer. */
const [PROBLEMS, CELLS] = [20, 40];

export async function checkConfig(
  { file, small }: InputOf<'check_config'>,
  { roots }: AgentContext,
): Promise<Answer> {
  const recipe = /^recipe:(.+)$/.exec(file)?.[1];
  const place = recipe === undefined ? await placeOf(roots, file, ['config']) : null;
  const { text, path, name } = place
    ? { text: await readText(place.path), ...place }
    : recipeText(recipe!, roots);
  if (text.length > 1e6) throw new AgentError(`${name} is larger than 1 MB, the limit for configs.`);
  const isSweep = recipe !== undefined || /\.sweep\.ya?ml$/.test(path);
  if (small && !isSweep) throw new AgentError('small requires a sweep. Remove small.');
  return {
    value: {
      file: name,
      ...(await (isSweep ? ofSweep(text, path, { small, roots }) : ofRun(text, path, roots))),
    },
  };
}

function recipeText(recipe: string, roots: readonly string[]) {
  const text = readSweepRecipe(recipe);
  const names = listSweepRecipes().map(({ name }) => name);
  if (text === null) throw new AgentError(`Recipe "${recipe}" does not exist. Recipes: ${names.join(', ')}.`);
  return { text, path: resolve(roots[0]!, `${recipe}.sweep.yaml`), name: `recipe:${recipe}` };
}

async function ofRun(text: string, path: string, roots: readonly string[]): Promise<Record<string, unknown>> {
  const { config, problems } = loadRun(text, path, readPreset);
  const needs = config ? await needsOf(config, path, roots) : [];
  const head = {
    kind: 'run',
    ok: config !== null && needs.every(({ here }) => here !== false),
    problems: problemRecords(problems),
    ...(config && {
      preset: config.preset ?? null,
      recipe: config.recipe,
      engine: config.engine.kind,
      model:
        'model' in config.engine
          ? cutText(config.engine.model.replace(/^.*[/\\](?=[^/\\]+[/\\])/, ''), 100)
          : null,
      needs,
      amount: { steps: config.steps, ...derivedNumbers(config) },
    }),
  };
  const changed = config ? changedFromPreset(config) : [];
  return {
    ...head,
    ...(changed.length > 0 && { changed: fitting(head, changed) }),
    see: 'chirality train FILE --dry-run',
  };
}

async function ofSweep(
  text: string,
  path: string,
  { small, roots }: { small: boolean; roots: readonly string[] },
): Promise<Record<string, unknown>> {
  const folder = dirname(path);
  const { config: common, small: ofSmall } = treeOf(text);
  const named = [common, isRecord(ofSmall) ? ofSmall.config : undefined].filter(
    (value) => typeof value === 'string',
  );
  const readable: string[] = [];
  for (const file of named) if (await mayRead(roots, resolve(folder, file))) readable.push(file);
  const { sweep, problems } = loadSweep(
    text,
    path,
    {
      readPreset,
      readConfig: (file) => {
        const full = resolve(folder, file);
        if (!readable.includes(file) || !existsSync(full)) return null;
        return { text: readTextSync(full), relocate: (tree) => withAbsolutePaths(tree, dirname(full)) };
      },
    },
    { small },
  );
  const notes = named
    .filter((file) => !readable.includes(file))
    .map((file) => `${cutText(file, 100)} is outside the folder and was not read.`);
  const head = { kind: 'sweep', problems: problemRecords(problems), ...(notes.length > 0 && { notes }) };
  if (!sweep) return { ...head, ok: false };
  const plan = planSweep(sweep, { file: path, small });
  const made = new Set([...Object.keys(plan.make), ...sweep.arms.map(({ name }) => name)]);
  const needs = new Map<string, Need>();
  for (const { config } of sweep.arms)
    for (const need of await needsOf(config, path, roots, made)) needs.set(need.path, need);
  const list = [...needs.values()].slice(0, PROBLEMS);
  return {
    ...head,
    ok: list.every(({ here }) => here !== false),
    cells: plan.cells.slice(0, CELLS),
    ...(plan.cells.length > CELLS && { cells_in_all: plan.cells.length }),
    seeds: plan.seeds.slice(0, CELLS),
    runs: plan.runs.length,
    compares: plan.compare,
    makes: Object.keys(plan.make).slice(0, PROBLEMS),
    needs: list,
    see: `chirality sweep FILE${small ? ' --small' : ''} --dry-run`,
  };
}

interface Need {
  at: string;
  path: string;
  /** Whether the path exists. Null for an unchecked path outside the roots. */
  here: boolean | null;
}

/** Returns the files and folders that a config needs. @param made sets and models that a sweep creates itself */
async function needsOf(
  config: RunConfig,
  file: string,
  roots: readonly string[],
  made: ReadonlySet<string> = new Set(),
): Promise<Need[]> {
  const needs: Need[] = [];
  for (const { at, path } of namedPaths(config)) {
    if (made.has(path)) continue;
    const full = resolve(dirname(file), path);
    const inside = await mayRead(roots, full);
    const here = inside
      ? await stat(full).then(
          () => true,
          () => false,
        )
      : null;
    needs.push({ at: at.join('.'), path: inside ? nameBelow(roots, full) : basename(path), here });
  }
  return needs.slice(0, PROBLEMS);
}

const problemRecords = (problems: ReturnType<typeof loadRun>['problems']): object[] =>
  problems
    .slice(0, PROBLEMS)
    .map((problem) =>
      shortened(picked(problem, 'severity', 'message', 'line', 'column', 'path', 'fix'), 250),
    );

/** Returns the settings in which a config differs from its preset. Empty without a preset. */
function changedFromPreset(config: RunConfig): object[] {
  const before = presetTree(config.preset ?? null);
  const changes = before === null ? [] : settingsBeside(before, config);
  return changes.map(({ path, before: preset, after: value }) => ({ path, preset, value }));
}
