import { namesHint } from '../base/problem.ts';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadStrategy, type StrategyFile } from '../core/config/strategy-file.ts';
import { parseYaml, place, problemText } from '../core/config/config-source.ts';
import { parsePrompt } from '../core/prompts/prompt-file.ts';
import { emptySlot, EXEMPLAR_SLOTS, stageSlots } from '../core/prompts/template.ts';
import type { Stage, Strategy } from '../core/prompts/strategy.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { DataError } from './datasets/data-error.ts';
import { parseJson } from './datasets/parse-json.ts';
import { toSample } from './datasets/rows.ts';
import { namesIn, openPrompt, packageFolder, pathIn, STRATEGIES } from './library.ts';
import { isElsewhere, isInside } from './files/inside.ts';
import { readNamedTextSync, readTextSync } from './files/regular.ts';

const exemplarFolder = (): string => join(packageFolder(STRATEGIES.folder), 'exemplars');
const isName = (text: string): boolean => /^[\w-]+$/.test(text);

export const listStrategies = (): Strategy[] => namesIn(STRATEGIES).map((name) => openStrategy(name));

/** Returns the path of a strategy's file. @throws DataError if the file does not exist */
export function strategyPath(nameOrPath: string): string {
  const path = pathIn(STRATEGIES, nameOrPath) ?? resolve(nameOrPath);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) return path;
  const what = stats
    ? `${nameOrPath} is a folder, not a strategy.`
    : `Strategy "${nameOrPath}" does not exist.`;
  throw new DataError('strategy-missing', what, {
    fix: `Pass a file or a name. ${namesHint(nameOrPath, 'Strategies', namesIn(STRATEGIES))}`,
  });
}

/**
 * Opens a prompting strategy: a built-in strategy by name, or a file by path. Its prompts and exemplars are built-in,
 * or files relative to the strategy.
 * @throws DataError if the strategy does not exist, or if the strategy, a prompt or an exemplar has mistakes.
 */
export function openStrategy(nameOrPath: string): Strategy {
  const path = strategyPath(nameOrPath);
  const text = readNamedTextSync(path);
  const { strategy, problems } = loadStrategy(text, path);
  if (!strategy) {
    const [first, ...rest] = problems.map(problemText);
    throw new DataError('strategy', [first, ...rest].join('\n'));
  }
  const { stages, ...about } = strategy;
  const names = Object.keys(stages);
  return {
    name: basename(path).replace(/\.strategy\.ya?ml$|\.ya?ml$/, ''),
    ...about,
    stages: names.map((name, i) => {
      const named = <T>(field: string, open: () => T): T => {
        try {
          return open();
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
          const problem = { ...error.problem, message: error.message, path: `stages.${name}.${field}` };
          Reflect.deleteProperty(problem, 'fix'); // The message contains the fix.
          throw new DataError(problem.code, problemText(place([parseYaml(text, path).source], problem)));
        }
      };
      return openStage(name, stages[name]!, {
        earlier: names.slice(0, i),
        last: i === names.length - 1,
        from: dirname(path),
        named,
      });
    }),
  };
}

/** Context for reading a stage's texts. */
interface Surroundings {
  /** Names of the stages before this stage. */
  earlier: readonly string[];
  last: boolean;
  /** Folder to which the paths in the strategy are relative. */
  from: string;
  /** Opens a field's text. Adds the field's position in the file to errors. */
  named: <T>(field: string, open: () => T) => T;
}

function openStage(
  name: string,
  { system, user, exemplars, ...rest }: StrategyFile['stages'][string],
  { earlier, last, from, named }: Surroundings,
): Stage {
  const { slots, needed } = stageSlots({ earlier, last, asText: exemplars?.as === 'text' });
  return {
    name,
    ...rest,
    ...(system !== undefined && { system: named('system', () => openText(system, from, [])) }),
    user: named('user', () => openText(user, from, slots, needed)),
    ...(exemplars && { exemplars: named('exemplars', () => openExemplarStage(exemplars, from)) }),
  };
}

function openExemplarStage(
  { set, as, ...prompts }: NonNullable<StrategyFile['stages'][string]['exemplars']>,
  from: string,
): NonNullable<Stage['exemplars']> {
  const user = openText(prompts.user, from, [...EXEMPLAR_SLOTS, 'images'], [['question']]);
  const assistant = openText(prompts.assistant, from, EXEMPLAR_SLOTS);
  const file = isName(set) ? join(exemplarFolder(), `${set}.qa.jsonl`) : ownFile(set, from);
  return { as, user, assistant, file, rows: openExemplars(file, [user, assistant]) };
}

/** Opens a prompt by name, or from a file whose path is relative to the strategy. */
const openText = (
  ref: string,
  from: string,
  slots: readonly string[],
  needed: readonly (readonly string[])[] = [],
): string =>
  openPrompt(isName(ref) ? ref : ownFile(ref, from), (name, file) => parsePrompt(name, file, slots, needed))
    .text;

/**
 * Returns the path of a file in a strategy. The file must be in the strategy's folder or below, because the file's text
 * can be sent to a server, and other people can write strategies.
 */
function ownFile(ref: string, from: string): string {
  const path = resolve(from, ref);
  const isOwn =
    !isElsewhere(ref) &&
    isInside(from, path) &&
    (!existsSync(path) || isInside(realpathSync(from), realpathSync(path)));
  if (isOwn) return path;
  throw new DataError('strategy-outside', `${ref} is outside the folder of the strategy.`, {
    fix: 'Move the file to the folder of the strategy, and set its new path in the strategy.',
  });
}

/** Reads the rows of an exemplar set, with images relative to its file. @param prompts prompts with slots to fill */
function openExemplars(path: string, prompts: readonly string[]): Sample[] {
  if (!existsSync(path)) {
    throw new DataError('exemplars-missing', `Exemplar set ${path} does not exist.`, {
      fix: `Pass a *.qa.jsonl file, or a file in ${exemplarFolder()}.`,
    });
  }
  const rows = readTextSync(path)
    .split('\n')
    .flatMap((text, i) => (text.trim() === '' ? [] : [exemplar(text, `${path}:${i + 1}`, prompts)]));
  if (rows.length === 0) throw new DataError('exemplars-empty', `${path} has no rows.`);
  return rows;
}

function exemplar(text: string, place: string, prompts: readonly string[]): Sample {
  const { value, problem } = parseJson(text);
  const { sample, problems } = toSample({ value, ...(problem && { problem }) });
  const error = problems.find(({ severity }) => severity === 'error');
  if (!sample || error) throw new DataError('exemplar', `${place}: ${error!.message}`);
  const empty = emptySlot(sample, prompts);
  if (empty) {
    throw new DataError('exemplar-empty', `${place}: the exemplar has no value for {${empty}}.`, {
      fix: `Add ${empty === 'graph' ? 'a scene_graph' : `a field "${empty}"`}, or choose other prompts.`,
    });
  }
  return sample;
}
