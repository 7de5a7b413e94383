import { isMap, isScalar, isSeq } from 'yaml';
import { thousands } from '../../base/format.ts';
import type { Problem } from '../../base/problem.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { cellsOf, countCells, MAX_CELLS, fieldsSetTwice, expandPaths, type SweepArm } from './sweep-cells.ts';
import { checkSweep } from './check-sweep.ts';
import { describeIssues, error } from './issues.ts';
import { presetsOf, resolveRun, type ReadPreset } from './load.ts';
import { parseYaml, place, type ConfigProblem, type Parsed, type Source } from './config-source.ts';
import { SweepConfig } from './sweep.ts';
import { isRecord } from '../../base/json.ts';
import { merge, type Tree } from './tree.ts';

export interface LoadedSweep {
  config: SweepConfig;
  /** Stages, then conditions, each in file order. */
  arms: SweepArm[];
}

export interface SweepFiles {
  readPreset: ReadPreset;
  /** Returns the text of a run config, and a function that makes its paths relative to the sweep; null if missing. */
  readConfig(path: string): { text: string; relocate: (tree: Tree) => Tree } | null;
}

/**
 * Reads a sweep, and creates the config of every stage and condition. Reports all errors before the sweep starts, each
 * with line and column.
 * @param options.small whether to use the sections of `small`.
 * @param options.instead sections that replace sections of the file.
 * @param options.atMost maximum number of checked stages and conditions; a sweep with more cannot start.
 */
export function loadSweep(
  text: string,
  file: string,
  files: SweepFiles,
  options: SweepOptions = {},
): SweepReading {
  const sweep = parseYaml(text, file);
  const { problems } = sweep;
  if (problems.length === 0) return checkedSweep(sweep, files, options);
  if (sweep.tree === null) return { sweep: null, problems };
  return { sweep: null, problems: [...problems, ...checkedSweep(sweep, files, options).problems] };
}

interface SweepReading {
  sweep: LoadedSweep | null;
  problems: ConfigProblem[];
}

interface SweepOptions {
  small?: boolean;
  instead?: Tree;
  atMost?: number;
}

function checkedSweep(
  sweep: Parsed,
  files: SweepFiles,
  { small = false, instead = {}, atMost = Infinity }: SweepOptions,
): SweepReading {
  const refused = (problem: Problem) => ({ sweep: null, problems: [place([sweep.source], problem)] });
  if (!isRecord(sweep.tree))
    return refused(error('', 'empty', 'The file contains no settings.', 'Add `base` and `vary`.'));
  const { small: section, ...large } = sweep.tree;
  if (small && !isRecord(section))
    return refused(error('', 'no-small', 'The file has no section `small`.', 'Remove --small.'));

  const tops = small ? [nodeAt(sweep.source, ['small']), sweep.source] : [sweep.source];
  const tree = { ...(small ? { ...large, ...(section as Tree) } : sweep.tree), ...instead };
  const parsed = SweepConfig.safeParse(tree, { reportInput: true });
  if (!parsed.success) {
    const problems = describeIssues(parsed.error.issues, SweepConfig, tree);
    return { sweep: null, problems: problems.map((problem) => place(tops, problem)) };
  }
  return assemble(parsed.data, tops, files, atMost);
}

/**
 * Creates the stages and conditions of a sweep whose own fields are valid.
 * @param tops sources of the sweep's sections, starting with the sections of `small`.
 */
function assemble(
  config: SweepConfig,
  tops: Source[],
  { readPreset, readConfig }: SweepFiles,
  atMost: number,
) {
  const here = (problem: Problem) => place(tops, problem);
  const failed = (...problems: ConfigProblem[]) => ({ sweep: null, problems });
  const file = config.config === undefined ? null : readConfig(config.config);
  if (config.config !== undefined && !file)
    return failed(
      here(error('config', 'config', `${config.config} does not exist.`, 'Paths are relative to this file.')),
    );
  const named = file && parseYaml(file.text, config.config!);
  if (named && named.problems.length > 0) return failed(...named.problems);

  const count = countCells(config.vary, config.cells);
  if (count > MAX_CELLS) {
    const message = `The sweep has ${thousands(count)} cells. The maximum is ${thousands(MAX_CELLS)}.`;
    return failed(here(error('vary', 'cells', message, 'Vary fewer fields or values.')));
  }
  const problems = Object.entries(config.cells).flatMap(([name, cell]) =>
    fieldsSetTwice(config.vary, cell).map((path) =>
      here(
        error(
          `cells.${name}.${path}`,
          'twice',
          `"${path}" is already set under vary.`,
          'Set the field in one place only.',
        ),
      ),
    ),
  );
  const all = partsOf(config, tops);
  const checked = all.slice(0, atMost);
  const base = [sectionOf(tops, 'base')].flatMap((source) => source ?? []);
  const common = merge(
    file && isRecord(named?.tree) ? file.relocate(named.tree) : {},
    expandPaths(config.base),
  );
  const arms: SweepArm[] = [];
  const mistakes: { arm: string; problem: ConfigProblem }[] = [];
  const openPreset = presetsOf(readPreset);
  for (const { name, label, isStage, changes, own } of checked) {
    const run = { ...merge(isStage ? sharedOf(common) : common, changes), seed: config.seeds[0]! };
    const missing = { ...(own.at(-1) ?? base[0] ?? tops[0]!), under: [''] };
    const sources = [missing, ...own, ...base, ...(named ? [named.source] : [])];
    const loaded = resolveRun(run, sources, openPreset);
    mistakes.push(...loaded.problems.map((problem) => ({ arm: name, problem })));
    if (loaded.config) arms.push({ name, label, isStage, config: loaded.config });
  }
  problems.push(...gathered(mistakes, checked.length));
  if (all.length > atMost) {
    const message = `Only the first ${atMost} of ${all.length} stages and cells are checked in the editor.`;
    const fix = 'To check all stages and cells, run `chirality sweep --dry-run`.';
    problems.push(here({ severity: 'warning', code: 'not-checked', path: 'vary', message, fix }));
  }
  if (arms.length === all.length) problems.push(...checkSweep(config, arms).map(here));
  const isFine = all.length <= atMost && !problems.some(({ severity }) => severity === 'error');
  return { sweep: isFine ? { config, arms } : null, problems };
}

/** Returns the stages and then the conditions, each with its changes to the base and the sources of these changes. */
function partsOf(config: SweepConfig, tops: readonly Source[]) {
  const stages = Object.entries(config.stages).map(([name, tree]) => {
    const sections = [sectionOf(tops, 'stages', name)!];
    return { name, label: name, isStage: true, changes: expandPaths(tree), own: sections };
  });
  const cells = cellsOf(config.vary, config.cells).map(({ name, label, changes, from, at }) => {
    const varied = Object.entries(at).map(([path, i]): Source => {
      const { node, ...source } = nodeAt(sectionOf(tops, 'vary')!, [path]);
      return { ...source, node: isSeq(node) ? node.items[i] : node, under: path.split('.') };
    });
    const named = from === null ? [] : [sectionOf(tops, 'cells', from)!];
    const sections = [...varied, ...named];
    return { name, label: config.labels[name] ?? label, isStage: false, changes, own: sections };
  });
  return [...stages, ...cells];
}

const sectionOf = (tops: readonly Source[], ...path: string[]): Source | undefined =>
  tops.map((top) => nodeAt(top, path)).find(({ node }) => node != null);

/** Returns the sections that stages inherit from the base: model, prompt, data and evaluation, but not training. */
const sharedOf = (base: Tree): Tree =>
  Object.fromEntries(
    ['engine', 'data', 'prompt', 'evaluate'].flatMap((key) => (key in base ? [[key, base[key]]] : [])),
  );

function nodeAt({ file, lines, node }: Source, path: readonly string[]): Source {
  const value = path.reduce<unknown>(
    (holder, key) =>
      isMap(holder)
        ? holder.items.find((item) => isScalar(item.key) && String(item.key.value) === key)?.value
        : undefined,
    node,
  );
  return { file, lines, node: value };
}

/** Merges problems that stages or conditions share. If only some have a problem, the message lists their names. */
function gathered(found: readonly { arm: string; problem: ConfigProblem }[], arms: number): ConfigProblem[] {
  const same = groupBy(found, ({ problem }) => JSON.stringify(problem));
  return [...same.values()].map((group) => {
    const { problem } = group[0]!;
    if (group.length === arms) return problem;
    const names = group.map(({ arm }) => arm);
    const some =
      names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
    return { ...problem, message: `${some}: ${problem.message}` };
  });
}
