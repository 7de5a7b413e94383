import { nearest, type Problem } from '../../base/problem.ts';
import type { SweepArm } from './sweep-cells.ts';
import { error } from './issues.ts';
import type { RunConfig } from './run-config.ts';
import { otherViewOf, type Figure, type SweepConfig } from './sweep.ts';
import { ORIGINAL } from '../../rows/view-list.ts';

/** Argument of a command option: none, a value, or a path that the command reads. */
type Takes = 'nothing' | 'value' | 'path';

/**
 * Commands that can make a dataset, with their permitted options. A sweep is untrusted, so only options that read and
 * write rows are listed. The user must run commands that use a server, write images or access other folders.
 */
const MAKERS: Readonly<Record<string, Readonly<Record<string, Takes>>>> = {
  worlds: {
    '--count': 'value',
    '--seed': 'value',
    '--size': 'value',
    '--objects': 'value',
    '--families': 'value',
    '--bias': 'value',
    '--style': 'value',
    '--motion': 'nothing',
    '--frames': 'value',
    '--fps': 'value',
    '--accelerate': 'nothing',
  },
  'graph compose': { '--count': 'value', '--seed': 'value', '--kinds': 'value', '--stages': 'nothing' },
  convert: {
    '--from': 'value',
    '--map': 'value',
    '--sample': 'value',
    '--seed': 'value',
    '--shuffle-options': 'value',
    '--split-turns': 'nothing',
    '--image-folder': 'path',
    '--graphs': 'path',
  },
  'view mirror': { '--strategy': 'value', '--seed': 'value', '--share': 'value' },
  'view polarity': { '--ties-excluded': 'nothing' },
};
/** Sweep command that makes a model from rows. */
const MODEL_MAKER = 'engine tiny';
interface Maker {
  name: string;
  options: Readonly<Record<string, Takes>>;
  /** Words of the command after its name. */
  rest: readonly string[];
}

/** Returns the command that these words start with; null for a command that makes neither a dataset nor a model. */
function makerOf(words: readonly string[]): Maker | null {
  for (const n of [1, 2]) {
    const name = words.slice(0, n).join(' ');
    const options = name === MODEL_MAKER ? {} : Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
    if (options) return { name, options, rest: words.slice(n) };
  }
  return null;
}

/** Checks rules that involve several sections of a sweep. */
export function checkSweep(config: SweepConfig, arms: readonly SweepArm[]): Problem[] {
  return [
    ...checkMade(config),
    ...checkNames(config, arms),
    ...checkStarts(arms),
    ...arms.flatMap((arm) => checkRoot(config, arm)),
    ...checkFigures(config, arms),
    ...checkBeside(config, arms),
  ];
}

function checkMade({ make }: SweepConfig): Problem[] {
  return Object.entries(make).flatMap(([name, command]) => {
    const words = wordsOf(command);
    const path = `make.${name}`;
    const maker = makerOf(words);
    if (!maker)
      return error(
        path,
        'make',
        `Unknown dataset command "${words[0]}".`,
        `Use ${Object.keys(MAKERS).join(', ')}.`,
      );
    const { options, rest } = maker;
    const output = rest.find((each) => /^(?:-o|--output)(?:=|$)/.test(each));
    if (output) return error(path, 'make', `Only the sweep can set ${output}.`, 'Remove the option.');
    const { unknown, paths } = readWords(rest, options);
    if (unknown !== undefined)
      return error(
        path,
        'make',
        `A sweep cannot pass ${unknown} to ${maker.name}.`,
        Object.keys(options).length > 0 ? `Use ${Object.keys(options).join(', ')}.` : 'Remove the option.',
      );
    const outside = paths.find(leadsOut);
    return outside === undefined
      ? []
      : error(
          path,
          'make',
          `${outside} is outside the folder of the sweep file.`,
          'Use a path inside the folder.',
        );
  });
}

/** A command in the section `make`, in the form that a sweep runs. */
interface MakeCommand {
  words: string[];
  /** Index of the word that is the file of input rows; -1 for a command without input rows. */
  input: number;
  /** Files and folders that the command reads, as written in the sweep. Datasets from `make` are given by name. */
  paths: string[];
  /** Whether the sweep command makes a model instead of a dataset. */
  makesModel: boolean;
}

/** Reads a command that makes a dataset or a model. */
export function readMakeCommand(command: string | readonly (string | number)[]): MakeCommand {
  const words = wordsOf(command);
  const maker = makerOf(words);
  return {
    words,
    input: maker && maker.name !== 'worlds' ? words.length - maker.rest.length : -1,
    paths: maker ? readWords(maker.rest, maker.options).paths : [],
    makesModel: maker?.name === MODEL_MAKER,
  };
}

const wordsOf = (command: string | readonly (string | number)[]): string[] =>
  typeof command === 'string' ? command.trim().split(/\s+/) : command.map(String);

/** Returns the files that a command's words refer to, and the first option that a sweep cannot use. */
function readWords(
  words: readonly string[],
  options: Readonly<Record<string, Takes>>,
): { unknown?: string; paths: string[] } {
  const paths: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith('-')) {
      paths.push(word);
      continue;
    }
    const [, name, value] = /^([^=]*)(?:=(.*))?$/s.exec(word)!;
    if (!Object.hasOwn(options, name!)) return { unknown: name!, paths };
    const takes = options[name!]!;
    const given = takes === 'nothing' ? undefined : (value ?? words[++i]);
    if (takes === 'path' && given !== undefined) paths.push(given);
  }
  return { paths };
}

/** Whether a path is absolute or leads out of its base folder. */
function leadsOut(path: string): boolean {
  if (/^(?:[\\/~]|[a-z]+:)/i.test(path)) return true;
  let depth = 0;
  for (const step of path.split(/[\\/]/)) {
    depth += step === '..' ? -1 : step === '.' || step === '' ? 0 : 1;
    if (depth < 0) return true;
  }
  return false;
}

/**
 * Returns the stage or condition that a run starts from: by `init`, or by `engine.model`, which trains an adapter on
 * the final weights of that stage.
 */
export const startOf = (config: RunConfig, arms: readonly string[]): string | undefined =>
  startsOf(config, arms)[0];

function startsOf({ init, engine }: RunConfig, arms: readonly string[]): string[] {
  const named = [init, engine.kind === 'torch' ? engine.model : undefined];
  return named.filter((name) => name !== undefined && arms.includes(name)) as string[];
}

function* checkNames(config: SweepConfig, arms: readonly SweepArm[]): Generator<Problem> {
  const seen = new Set<string>();
  for (const { name, isStage } of arms) {
    // The comparison ignores case, because some file systems are case-insensitive.
    if (seen.has(name.toLowerCase()))
      yield error(
        isStage ? `stages.${name}` : 'cells',
        'same-name',
        `Two runs have the name "${name}".`,
        'Rename one of the runs.',
      );
    seen.add(name.toLowerCase());
  }
  if (new Set(config.seeds).size < config.seeds.length)
    yield error(
      'seeds',
      'same-seed',
      'seeds contains a seed twice, so two runs would be identical.',
      'Remove the duplicate.',
    );
  const places: [path: string, tree: Record<string, unknown>][] = [
    ['base', config.base],
    ...Object.entries(config.stages).map(([name, tree]): [string, typeof tree] => [`stages.${name}`, tree]),
    ...Object.entries(config.cells).map(([name, tree]): [string, typeof tree] => [`cells.${name}`, tree]),
    ['vary', config.vary],
  ];
  for (const [path, { seed }] of places)
    if (seed !== undefined)
      yield error(`${path}.seed`, 'seed', 'A sweep sets seeds only under seeds.', 'Move the seed to seeds.');
}

/** Checks that each stage or condition can start from the stage or condition that it refers to. */
function checkStarts(arms: readonly SweepArm[]): Problem[] {
  const byName = new Map(arms.map((arm) => [arm.name, arm]));
  const names = [...byName.keys()];
  return arms.flatMap(({ name, isStage, config }) => {
    const [parent, beside] = startsOf(config, names);
    const isModel = parent !== undefined && parent !== config.init;
    const path = `${isStage ? 'stages' : 'cells'}.${name}.${isModel ? 'engine.model' : 'init'}`;
    if (parent !== undefined && beside !== undefined)
      return error(
        path,
        'two-starts',
        `${name} starts from both "${parent}" and "${beside}".`,
        'Set only one of init and engine.model.',
      );
    const way = [name];
    for (let from = parent; from !== undefined; from = startOf(byName.get(from)!.config, names)) {
      if (way.includes(from))
        return error(
          path,
          'circle',
          `Circular dependency: ${[...way, from].join(' starts from ')}.`,
          'Remove one of these dependencies, or start from a checkpoint folder.',
        );
      way.push(from);
    }
    const start = parent === undefined ? undefined : byName.get(parent);
    if (start && start.config.steps === 0)
      return error(
        path,
        'no-checkpoint',
        `"${start.name}" has 0 steps and therefore no checkpoint to start from.`,
        `Start from the same checkpoint as "${start.name}".`,
      );
    if (isModel && !trainsAll(start!.config))
      return error(
        path,
        'no-model',
        `"${start!.name}" trains only an adapter or another engine, so its checkpoint is not a complete torch model.`,
        `Use the checkpoint as init, or set engine.adapter.kind of "${start!.name}" to none.`,
      );
    const near = config.init === undefined || start ? undefined : nearest(config.init, names);
    return near
      ? error(path, 'init', `"${config.init}" does not exist in this sweep.`, `Did you mean "${near}"?`)
      : [];
  });
}

const trainsAll = ({ engine }: RunConfig): boolean =>
  engine.kind === 'torch' && engine.adapter.kind === 'none';

/** Checks that one folder contains all images, because generated and given sets share no folder. */
function checkRoot({ make }: SweepConfig, { name, config }: SweepArm): Problem[] {
  const { train, eval: sets, root } = config.data;
  const made = [train, ...Object.values(sets)].map((set) => set in make);
  if (root !== undefined || !made.includes(true) || !made.includes(false)) return [];
  return [
    error(
      'base.data.root',
      'root',
      `${name} uses datasets made by the sweep and other datasets, but no common folder contains all images.`,
      'Set data.root to a folder that contains all images. The sweep makes datasets in its own folder.',
    ),
  ];
}

function* checkFigures(config: SweepConfig, arms: readonly SweepArm[]): Generator<Problem> {
  const cells = arms.filter(({ isStage }) => !isStage);
  const figures = [config.compare, ...config.also].map((figure, i) => ({
    figure,
    path: i === 0 ? 'compare' : 'also',
  }));
  const nothing = figures.find(({ figure: { metric, view } }) => metric === 'drop' && view === ORIGINAL);
  if (nothing) {
    const fix = 'Set view to mirror or polarity.';
    yield error(nothing.path, 'drop', 'drop requires a view other than original.', fix);
    return;
  }
  for (const { figure, path } of figures) {
    const lacking = cells.find((cell) => !evaluates(cell.config, figure));
    if (lacking)
      yield error(
        path,
        'not-evaluated',
        `${lacking.name} does not evaluate "${figure.set}" as ${viewsOf(figure).join(' and ')}.`,
        'Add the evaluation set under data.eval and the view under evaluate.views.',
      );
  }
  for (const { figure, path } of figures) {
    const lack = lackOf(figure);
    const lacking = lack && cells.find((cell) => lack.isIn(cell.config.evaluate));
    if (lacking)
      yield error(path, 'not-measured', `${lacking.name} does not measure "${figure.metric}".`, lack.fix);
  }
  for (const step of config.at_steps ?? []) {
    const lacking = cells.find((cell) => !reaches(cell.config, step));
    if (lacking)
      yield error(
        'at_steps',
        'not-evaluated',
        `${lacking.name} is not evaluated at step ${step}.`,
        'Set evaluate.every, or evaluate.at_start for step 0.',
      );
  }
}

/** Returns the evaluation settings that a metric requires, and how to set them; null if the metric requires none. */
function lackOf({
  metric,
}: Figure): { isIn: (evaluate: RunConfig['evaluate']) => boolean; fix: string } | null {
  const name = metric.split('/').at(-1)!;
  const k = Number(/^pass@(\d+)$/.exec(name)?.[1] ?? 1);
  if (k > 1)
    return {
      isIn: ({ n = 1 }) => n < k,
      fix: `Set evaluate.n to ${k} or more, and set evaluate.temperature.`,
    };
  if (name === 'sbert') return { isIn: ({ encoder }) => !encoder, fix: 'Set evaluate.encoder to minilm.' };
  return name.startsWith('judge')
    ? { isIn: ({ judge }) => !judge, fix: 'Set evaluate.judge to the url and model of an LLM judge.' }
    : null;
}

const evaluates = ({ data, evaluate }: RunConfig, figure: Figure): boolean =>
  figure.set in data.eval && viewsOf(figure).every((view) => evaluate.views.includes(view));

function viewsOf(figure: Figure): Figure['view'][] {
  const { view, metric } = figure;
  if (metric === 'consistent') return [ORIGINAL, otherViewOf(figure)];
  return metric === 'drop' ? [ORIGINAL, view] : [view];
}

/** Checks that contrasts, labels and published values belong to existing conditions. */
function checkBeside(
  { contrast, labels, published, at_steps }: SweepConfig,
  arms: readonly SweepArm[],
): Problem[] {
  const cells = arms.filter(({ isStage }) => !isStage).map(({ name }) => name);
  const same = contrast.find(([a, b]) => a === b);
  if (same)
    return [
      error('contrast', 'contrast', `Cannot contrast ${same[0]} with itself.`, 'Use two different cells.'),
    ];
  const steps = cells.length === 1 ? (at_steps ?? []).map(String) : [];
  return [
    ...contrast.flatMap((pair) => pair.map((name) => ['contrast', name, cells] as const)),
    ...Object.keys(labels).map((name) => [`labels.${name}`, name, cells] as const),
    ...Object.entries(published).flatMap(([title, values]) =>
      Object.keys(values).map((name) => [`published.${title}`, name, [...cells, ...steps]] as const),
    ),
  ].flatMap(([path, name, known]) => {
    if (known.includes(name)) return [];
    const near = nearest(name, known);
    const fix = near ? `Did you mean "${near}"?` : `Choose from ${known.join(', ')}.`;
    return error(path, 'no-cell', `Cell "${name}" does not exist.`, fix);
  });
}

const reaches = ({ steps, evaluate: { every, at_start } }: RunConfig, step: number): boolean =>
  step === steps || (step === 0 ? at_start : step < steps && every > 0 && step % every === 0);
