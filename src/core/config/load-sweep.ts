import { isMap, isScalar, isSeq } from 'yaml';
import type { Problem } from '../problem.ts';
import { groupBy } from '../metrics/scored-row.ts';
import { cellsOf, countCells, MAX_CELLS, fieldsSetTwice, expandPaths, type SweepArm } from './cells.ts';
import { checkSweep } from './check-sweep.ts';
import { describeIssue, error } from './issues.ts';
import { presetsOf, resolveRun, type ReadPreset } from './load.ts';
import { parseYaml, place, type ConfigProblem, type Source } from './source.ts';
import { SweepConfig } from './sweep.ts';
import { isRecord } from '../json.ts';
import { merge, type Tree } from './tree.ts';

export interface LoadedSweep {
  config: SweepConfig;
  /** Stages, then cells, in the order of the file. */
  arms: SweepArm[];
}

/** What loading a sweep needs from outside its file. */
export interface SweepFiles {
  readPreset: ReadPreset;
  /**
   * Returns the text of a run config (null if there is none), and a function that makes its paths relative to the
   * sweep.
   */
  readConfig(path: string): { text: string; relocate: (tree: Tree) => Tree } | null;
}

/**
 * Reads a sweep and assembles the config of every stage and cell. All errors are reported, each with line and column,
 * before anything starts.
 * @param options.small use the sections of `small`.
 * @param options.instead sections that replace the file's.
 * @param options.atMost checks only so many stages and cells, and says so; such a sweep cannot be started.
 */
export function loadSweep(
  text: string,
  file: string,
  files: SweepFiles,
  {
    small = false,
    instead = {},
    atMost = Infinity,
  }: { small?: boolean; instead?: Tree; atMost?: number } = {},
): { sweep: LoadedSweep | null; problems: ConfigProblem[] } {
  const own = parseYaml(text, file);
  if (own.problems.length > 0) return { sweep: null, problems: own.problems };
  const said = (problem: Problem) => ({ sweep: null, problems: [place([own.source], problem)] });
  if (!isRecord(own.tree))
    return said(error('', 'empty', 'The file holds no settings.', 'Name a `base` and what to `vary`.'));
  const { small: section, ...large } = own.tree;
  if (small && !isRecord(section))
    return said(error('', 'no-small', 'The file has no section `small`.', 'Run it without --small.'));

  const tops = small ? [nodeAt(own.source, ['small']), own.source] : [own.source];
  const parsed = SweepConfig.safeParse(
    { ...(small ? { ...large, ...(section as Tree) } : own.tree), ...instead },
    { reportInput: true },
  );
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, SweepConfig));
    return { sweep: null, problems: problems.map((problem) => place(tops, problem)) };
  }
  return assemble(parsed.data, tops, files, atMost);
}

/**
 * Makes the arms of a sweep whose own fields are valid.
 * @param tops sources of its sections, those of `small` first.
 */
function assemble(
  config: SweepConfig,
  tops: Source[],
  { readPreset, readConfig }: SweepFiles,
  atMost: number,
) {
  const here = (problem: Problem) => place(tops, problem);
  let beneath: Tree = {};
  const below: Source[] = [];
  if (config.config !== undefined) {
    const found = readConfig(config.config);
    if (!found) {
      const problem = error(
        'config',
        'config',
        `There is no ${config.config}.`,
        'Paths are relative to this file.',
      );
      return { sweep: null, problems: [here(problem)] };
    }
    const { source, tree, problems } = parseYaml(found.text, config.config);
    if (problems.length > 0) return { sweep: null, problems };
    if (isRecord(tree)) beneath = found.relocate(tree);
    below.push(source);
  }

  const count = countCells(config.vary, config.cells);
  if (count > MAX_CELLS) {
    const message = `The sweep has ${count.toLocaleString('en')} cells; at most ${MAX_CELLS.toLocaleString('en')} are made.`;
    const problem = error('vary', 'cells', message, 'Vary fewer fields, or fewer values of them.');
    return { sweep: null, problems: [here(problem)] };
  }
  const cells = cellsOf(config.vary, config.cells);
  const problems = Object.entries(config.cells).flatMap(([name, cell]) =>
    fieldsSetTwice(config.vary, cell).map((path) =>
      here(
        error(`cells.${name}.${path}`, 'twice', `"${path}" is varied already.`, 'Set it here or under vary.'),
      ),
    ),
  );
  const sectionOf = (...path: string[]) =>
    tops.map((top) => nodeAt(top, path)).find(({ node }) => node != null);
  const base = [sectionOf('base')].flatMap((source) => source ?? []);
  const stages = Object.entries(config.stages);
  const wanted = stages.length + cells.length;
  const checked = [
    ...stages.slice(0, atMost).map(([name, tree]) => {
      const own = [sectionOf('stages', name)!];
      return { name, label: name, isStage: true, tree: expandPaths(tree), own };
    }),
    ...cells.slice(0, Math.max(0, atMost - stages.length)).map(({ name, label, changes, from, at }) => {
      const varied = Object.entries(at).map(([path, i]) => variedNode(sectionOf('vary')!, path, i));
      const named = from === null ? [] : [sectionOf('cells', from)!];
      return {
        name,
        label: config.labels[name] ?? label,
        isStage: false,
        tree: changes,
        own: [...varied, ...named],
      };
    }),
  ];
  const common = merge(beneath, expandPaths(config.base));
  const arms: SweepArm[] = [];
  const found: { arm: string; problem: ConfigProblem }[] = [];
  const openPreset = presetsOf(readPreset);
  for (const { name, label, isStage, tree, own } of checked) {
    const run = { ...merge(isStage ? sharedOf(common) : common, tree), seed: config.seeds[0]! };
    const missing = { ...(own.at(-1) ?? base[0] ?? tops[0]!), under: [''] };
    const loaded = resolveRun(run, [missing, ...own, ...base, ...below], openPreset);
    found.push(...loaded.problems.map((problem) => ({ arm: name, problem })));
    if (loaded.config) arms.push({ name, label, isStage, config: loaded.config });
  }
  problems.push(...gathered(found, checked.length));
  if (wanted > atMost) {
    const message = `Only the first ${atMost} of ${wanted} stages and cells are checked here.`;
    const fix = '`chirality sweep --dry-run` checks all of them.';
    problems.push(here({ severity: 'warning', code: 'not-checked', path: 'vary', message, fix }));
  }
  if (arms.length === wanted) problems.push(...checkSweep(config, arms).map(here));
  const isFine = wanted <= atMost && !problems.some(({ severity }) => severity === 'error');
  return { sweep: isFine ? { config, arms } : null, problems };
}

/** What stages take from the base: the model, how it is asked, and the data, but not how it learns. */
const sharedOf = (base: Tree): Tree =>
  Object.fromEntries(
    ['engine', 'data', 'prompt', 'evaluate'].flatMap((key) => (key in base ? [[key, base[key]]] : [])),
  );

/** The node at a path of a source, as a source itself. */
function nodeAt({ file, lines, node }: Source, path: readonly string[]): Source {
  const at = path.reduce<unknown>(
    (holder, key) =>
      isMap(holder)
        ? holder.items.find((item) => isScalar(item.key) && String(item.key.value) === key)?.value
        : undefined,
    node,
  );
  return { file, lines, node: at };
}

/** The node of one value of a varied field. */
function variedNode(vary: Source, path: string, i: number): Source {
  const { node, ...source } = nodeAt(vary, [path]);
  return { ...source, node: isSeq(node) ? node.items[i] : node, under: path.split('.') };
}

/** Reports each problem that several arms share once, with the names of these arms unless all have it. */
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
