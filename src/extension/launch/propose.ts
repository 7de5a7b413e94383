import { posix } from 'node:path';

// Pure functions behind the proposals of the wizard for run configs.

export interface DataFile {
  /** Absolute path, with forward slashes. */
  path: string;
  /** Number of rows; null if not counted. */
  rows: number | null;
}

/** Words in file and folder names that mark a split for evaluation. */
const HELD_OUT = /[/._-](?:val|valid|validation|dev|test|eval|heldout|held-out)(?=[/._-])/;
const TRAINED = /[/._-]train(?:ing)?(?=[/._-])/;

/** Returns the path without its extension. The result is the same for a dataset and its copy with mirrors. */
export const withoutMirror = (path: string): string => path.replace(/(?:\.mirrored)?\.qa\.jsonl$/, '');

/** Returns the split of a file, from the names of file and folder; `whole` if no name contains a split. */
export function splitOf(path: string): 'train' | 'whole' | 'held-out' {
  const name = `/${withoutMirror(path).split('/').slice(-2).join('/')}.`;
  if (HELD_OUT.test(name)) return 'held-out';
  return TRAINED.test(name) ? 'train' : 'whole';
}

/** Returns whether a file is the held-out split of the same data, by file or folder name: `x.val` of `x.train`. */
export function isHeldOut(path: string, train: string): boolean {
  const [part, whole] = [path, train].map((each) => withoutMirror(each) + '.');
  if (posix.dirname(posix.dirname(part!)) !== posix.dirname(posix.dirname(whole!))) return false;
  const [name, other] = [part!, whole!].map((each) => `/${each.split('/').slice(-2).join('/')}`);
  return (
    name !== other && HELD_OUT.test(name!) && name!.replace(HELD_OUT, '') === other!.replace(TRAINED, '')
  );
}

/** Returns whether a file is in the folder of the training rows, or in a folder such as `val` next to them. */
function isNextTo(path: string, train: string): boolean {
  const [folder, home] = [path, train].map((each) => posix.dirname(each)) as [string, string];
  const isSplit = `/${posix.basename(folder)}/`.replace(HELD_OUT, '') === '/';
  return folder === home || (isSplit && [home, posix.dirname(home)].includes(posix.dirname(folder)));
}

const ORDER = ['train', 'whole', 'held-out'];

/**
 * Sorts files for training by their split, then by size, largest first. A held-out split is first only if all files are
 * held-out splits.
 */
export const trainingOrder = <T extends DataFile>(files: readonly T[]): T[] =>
  [...files].sort(
    (a, b) =>
      ORDER.indexOf(splitOf(a.path)) - ORDER.indexOf(splitOf(b.path)) ||
      (b.rows ?? -1) - (a.rows ?? -1) ||
      (a.path < b.path ? -1 : 1),
  );

interface Evaluation {
  files: string[];
  /** Whether to hold out training rows: no other file is suitable, and there are at least ten training rows. */
  holdsOut: boolean;
}

/** Minimum number of rows for holding out a tenth. */
const LEAST_TO_SPLIT = 10;

/**
 * Proposes evaluation sets from files that share no rows with training: the held-out split of the same data, or other
 * held-out splits or whole datasets next to the training rows. Files elsewhere are about other data.
 * @param others remaining files, each with the share of its rows that are in training, or `too-large` for a comparison
 */
export function proposedEvaluation(
  { path: train, rows }: DataFile,
  others: readonly { path: string; shared: number | 'too-large' }[],
): Evaluation {
  const left = others
    .filter(({ path, shared }) => withoutMirror(path) !== withoutMirror(train) && shared === 0)
    .map(({ path }) => path);
  const near = left.filter((path) => isNextTo(path, train));
  const choices = [
    left.filter((path) => isHeldOut(path, train)),
    near.filter((path) => splitOf(path) === 'held-out'),
    // The usable rows of a file replace the file.
    near.filter(
      (path) => splitOf(path) === 'whole' && !left.includes(path.replace(/(?=\.qa\.jsonl$)/, '.usable')),
    ),
  ];
  const files = choices.find(({ length }) => length > 0) ?? [];
  return { files, holdsOut: files.length === 0 && (rows ?? LEAST_TO_SPLIT) >= LEAST_TO_SPLIT };
}

/** Returns a name for each path: the file with its folder, and with more folders if two names would be equal. */
export function distinctPaths(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split('/').filter(Boolean));
  return parts.map((own, i) => {
    const name = (length: number) => own.slice(-length).join('/');
    for (let length = Math.min(2, own.length); ; length++) {
      const isAlone = parts.every((other, j) => j === i || other.slice(-length).join('/') !== name(length));
      if (isAlone || length >= own.length) return name(length);
    }
  });
}

/** Returns the name of an evaluation set: its file name, or the folder's name for a generated `data.qa.jsonl`. */
export function setName(path: string): string {
  const parts = path.replace(/\.qa\.jsonl$/, '').split('/');
  return (parts.at(-1) === 'data' && parts.at(-2)) || parts.at(-1)!;
}

/** Returns evaluation sets by name. The second and later sets with the same name get a number. */
export function namedSets(paths: readonly string[]): Record<string, string> {
  const sets: Record<string, string> = {};
  for (const path of paths) {
    const name = setName(path);
    let free = name;
    for (let n = 2; free in sets; n++) free = `${name}-${n}`;
    sets[free] = path;
  }
  return sets;
}

export type ModelStart =
  /** New model, or model of the preset. */
  | { kind: 'preset' }
  /** New tiny model that is trained by SFT and then by GRPO, in two runs. */
  | { kind: 'plan' }
  /** Path relative to the config. */
  | { kind: 'checkpoint'; path: string }
  /** Hub id, or a folder relative to the config. */
  | { kind: 'model'; model: string };

/** Returns the start with its folder relative to the config, in a form that cannot be mistaken for a Hub id. */
export function startAt(start: ModelStart, at: (path: string) => string): ModelStart {
  if (start.kind === 'checkpoint') return { ...start, path: at(start.path) };
  if (start.kind !== 'model' || !start.model.startsWith('/')) return start;
  const path = at(start.model);
  return { ...start, model: path.startsWith('.') ? path : `./${path}` };
}

/** Files that a new run config refers to, with paths relative to the config. */
interface ConfigData {
  train: string;
  /** Evaluation sets, by name of the set. */
  eval: Record<string, string>;
}

/** Setting with which SFT trains on the mirrors, too. */
const BOTH_VIEWS = 'views: { mirror: true }';

/** Quotes a string for YAML if necessary. */
const quoted = (text: string): string => (/^[A-Za-z_][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/**
 * Returns the text of a new config: all values of the preset, with the data and start below its heading. The heading is
 * omitted for another initial model, because it describes the preset's model. SFT trains on stored mirrors, too. Without reasoning in any row, the target has none; its tags stay, so that GRPO can follow.
 * @param parts whether any row has reasoning, and whether any has a stored mirror that training can use
 */
export function configText(
  preset: string,
  data: ConfigData,
  start: ModelStart = { kind: 'preset' },
  parts = { reasoning: true, mirrors: false },
): string {
  const lines = preset.split('\n');
  const heading = lines.findIndex((line) => !line.startsWith('#'));
  const sets = Object.entries(data.eval).map(([name, path]) => `    ${quoted(name)}: ${quoted(path)}`);
  const section = [
    ...(start.kind === 'checkpoint' ? [`init: ${quoted(start.path)}`] : []),
    'data:',
    `  train: ${quoted(data.train)}`,
    ...(sets.length > 0 ? ['  eval:', ...sets] : []),
    ...(parts.mirrors && /^recipe: sft$/m.test(preset) && !/^views:/m.test(preset) ? [BOTH_VIEWS] : []),
  ];
  const all = lines.slice(heading).join('\n');
  const rest = parts.reasoning ? all : all.replace(/^(target: .*)\{reasoning\} ?/m, '$1');
  const settings =
    start.kind === 'model' ? rest.replace(/^( +model: ).*$/m, `$1${quoted(start.model)}`) : rest;
  return [...(start.kind === 'preset' ? lines.slice(0, heading) : []), ...section, settings].join('\n');
}

/**
 * Returns the text of a plan of two runs, as a sweep whose report compares them. SFT, then GRPO, trains a new tiny
 * model. Both runs are evaluated on the same sets from their start.
 * @param mirrors whether SFT trains on stored mirrors, too
 */
export function planText(data: ConfigData, mirrors = false): string {
  const [first] = Object.keys(data.eval);
  const sets = Object.entries(data.eval).map(([name, path]) => `      ${quoted(name)}: ${quoted(path)}`);
  return [
    '# SFT, then Spatial-GRPO, new tiny model · CPU · two runs, one after the other',
    '# GRPO improves existing abilities, so SFT trains the new model first.',
    '# Run Sweep above starts both runs. The second run starts from the last checkpoint of the first run.',
    'base:',
    '  data:',
    `    train: ${quoted(data.train)}`,
    '    eval:',
    ...sets,
    '  evaluate: { every: 25, at_start: true, max_tokens: 32 }',
    'cells:',
    '  # SFT stops while the model still makes mistakes, so that GRPO can improve it.',
    `  sft: { preset: demo-sft, steps: 300, ${mirrors ? `${BOTH_VIEWS}, ` : ''}evaluate: { every: 100 } }`,
    '  grpo: { preset: demo, init: sft, steps: 100 }',
    'labels: { sft: SFT, grpo: GRPO }',
    `compare: { set: ${quoted(first!)}, view: mirror, metric: consistent }`,
    `also: [{ set: ${quoted(first!)} }]`,
    '',
  ].join('\n');
}
