import { posix } from 'node:path';

// What the wizard of run configs proposes for the data files that there are: pure, so that it can be tested alone.

export interface DataFile {
  /** Absolute, with slashes. */
  path: string;
  /** Null if they were not counted. */
  rows: number | null;
}

/** What names of files and folders call a part that is not trained on. */
const HELD_OUT = /[/._-](?:val|valid|validation|dev|test|eval|heldout|held-out)(?=[/._-])/;
const TRAINED = /[/._-]train(?:ing)?(?=[/._-])/;

/** The same for a dataset and its copy with mirrors, which have the same images. */
export const withoutMirror = (path: string): string => path.replace(/(?:\.mirrored)?\.qa\.jsonl$/, '');

/** The part of a dataset that a file is, by its name and that of its folder; `whole` if they do not say. */
export function splitOf(path: string): 'train' | 'whole' | 'held-out' {
  const name = `/${withoutMirror(path).split('/').slice(-2).join('/')}.`;
  if (HELD_OUT.test(name)) return 'held-out';
  return TRAINED.test(name) ? 'train' : 'whole';
}

/** Whether a file is, by its name or its folder's, the held-out part of the same data: `x.val` of `x.train` or of `x`. */
export function isHeldOut(path: string, train: string): boolean {
  const [part, whole] = [path, train].map((each) => withoutMirror(each) + '.');
  if (posix.dirname(posix.dirname(part!)) !== posix.dirname(posix.dirname(whole!))) return false;
  const [name, other] = [part!, whole!].map((each) => `/${each.split('/').slice(-2).join('/')}`);
  return (
    name !== other && HELD_OUT.test(name!) && name!.replace(HELD_OUT, '') === other!.replace(TRAINED, '')
  );
}

const ORDER = ['train', 'whole', 'held-out'];

/**
 * Files in the order in which they are proposed for training: by their part, then the largest first. A part that is not
 * trained on comes first only if there is nothing else.
 */
export const trainingOrder = <T extends DataFile>(files: readonly T[]): T[] =>
  [...files].sort(
    (a, b) =>
      ORDER.indexOf(splitOf(a.path)) - ORDER.indexOf(splitOf(b.path)) ||
      (b.rows ?? -1) - (a.rows ?? -1) ||
      (a.path < b.path ? -1 : 1),
  );

/** What a run is proposed to be evaluated on. */
interface Evaluation {
  files: string[];
  /** Whether a part of the training rows is held out, because no file is left, and they are at least ten. */
  holdsOut: boolean;
}

/** Of fewer rows, a tenth is none. */
const LEAST_TO_SPLIT = 10;

/**
 * Proposes evaluation sets from the files that are not trained on and share no rows with training: the held-out part of
 * the same data, else other held-out parts, else whole datasets.
 * @param others each with the share of its rows that are in training, or that it is too large to be compared
 */
export function proposedEvaluation(
  { path: train, rows }: DataFile,
  others: readonly { path: string; shared: number | 'too-large' }[],
): Evaluation {
  const left = others
    .filter(({ path, shared }) => withoutMirror(path) !== withoutMirror(train) && shared === 0)
    .map(({ path }) => path);
  const choices = [
    left.filter((path) => isHeldOut(path, train)),
    left.filter((path) => splitOf(path) === 'held-out'),
    left.filter((path) => splitOf(path) === 'whole'),
  ];
  const files = choices.find(({ length }) => length > 0) ?? [];
  return { files, holdsOut: files.length === 0 && (rows ?? LEAST_TO_SPLIT) >= LEAST_TO_SPLIT };
}

/** Names for paths, each with its folder, and with more of them where two would be alike. */
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

/** The name of an evaluation set: that of its file, or of its folder if the file has the generators' name (`data`). */
export function setName(path: string): string {
  const parts = path.replace(/\.qa\.jsonl$/, '').split('/');
  return (parts.at(-1) === 'data' && parts.at(-2)) || parts.at(-1)!;
}

/** Evaluation sets by name; of two that would have the same, the second has a number. */
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

/** Where a run's model comes from. */
export type ModelStart =
  /** A new one, or that of the preset. */
  | { kind: 'preset' }
  /** A new tiny model, which learns by SFT before it learns by GRPO: two runs. */
  | { kind: 'plan' }
  /** A path relative to the config. */
  | { kind: 'checkpoint'; path: string }
  /** A hub id, or a folder relative to the config. */
  | { kind: 'model'; model: string };

/** A start with its folder relative to the config. A relative folder of a model cannot be taken for an id of the hub. */
export function startAt(start: ModelStart, at: (path: string) => string): ModelStart {
  if (start.kind === 'checkpoint') return { ...start, path: at(start.path) };
  if (start.kind !== 'model' || !start.model.startsWith('/')) return start;
  const path = at(start.model);
  return { ...start, model: path.startsWith('.') ? path : `./${path}` };
}

/** The files that a new run config refers to, with paths relative to it. */
interface ConfigData {
  train: string;
  /** Sets to evaluate on, by name. */
  eval: Record<string, string>;
}

/** Quotes a text for YAML if necessary. */
const quoted = (text: string): string => (/^[A-Za-z_][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/** The text of a new config: the preset's own, with data and start after its heading, so that every value can be changed. */
export function configText(preset: string, data: ConfigData, start: ModelStart = { kind: 'preset' }): string {
  const lines = preset.split('\n');
  const heading = lines.findIndex((line) => !line.startsWith('#'));
  const sets = Object.entries(data.eval).map(([name, path]) => `    ${quoted(name)}: ${quoted(path)}`);
  const section = [
    ...(start.kind === 'checkpoint' ? [`init: ${quoted(start.path)}`] : []),
    'data:',
    `  train: ${quoted(data.train)}`,
    ...(sets.length > 0 ? ['  eval:', ...sets] : []),
  ];
  const rest = lines.slice(heading).join('\n');
  const settings =
    start.kind === 'model' ? rest.replace(/^( +model: ).*$/m, `$1${quoted(start.model)}`) : rest;
  return [...lines.slice(0, heading), ...section, settings].join('\n');
}

/**
 * The text of a plan of two runs, as a sweep of one cell: a new tiny model learns to see by SFT, and goes on by GRPO.
 * Both are evaluated from their start on the same sets.
 */
export function planText(data: ConfigData): string {
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
    'stages:',
    '  sft: { preset: demo-sft, evaluate: { every: 100 } }',
    'cells:',
    '  grpo: { preset: demo, init: sft }',
    `compare: { set: ${quoted(first!)} }`,
    `also: [{ set: ${quoted(first!)}, view: mirror, metric: consistent }]`,
    '',
  ].join('\n');
}

/**
 * Asks questions one after the other: Escape goes back to the previous question, and out of the first. A question
 * writes no file, because a later one can still be left.
 * @param questions by the names of their answers; each gets the answers so far and its place among the questions that
 *   are asked, as in `2 of 4`. undefined: Escape
 * @param given answers that are decided, whose questions are not asked
 * @returns undefined if the first was left with Escape
 */
export async function inTurn<A extends object>(
  questions: { [Name in keyof A]: (answers: A, place: string) => Thenable<A[Name] | undefined> },
  given: Partial<A> = {},
): Promise<A | undefined> {
  const names = (Object.keys(questions) as (keyof A)[]).filter((name) => given[name] === undefined);
  const answers = { ...given } as A;
  for (let at = 0; at < names.length;) {
    const name = names[at]!;
    const answer = await questions[name](answers, `${at + 1} of ${names.length}`);
    if (answer === undefined) at -= 1;
    else [answers[name], at] = [answer, at + 1];
    if (at < 0) return undefined;
  }
  return answers;
}
