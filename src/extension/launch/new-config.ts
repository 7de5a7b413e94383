import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { several, shareText, thousands } from '../../core/format.ts';
import { inTurn } from './ask.ts';
import { chooseRows, dataFiles, rowItems, workFolder, type RowTools } from './new-data-set.ts';
import { reportErrors, withProgress } from './report.ts';
import { usableFiles } from './usable.ts';
import { chooseTarget, commandFiles } from '../data-files.ts';

const TITLE = 'New Run Config';
/** The choice of no evaluation set. */
const NONE = 'None';

/** Makes a run config from a preset and data, and shows it. @param rows to train on, if that is decided */
export const newRunConfig = (app: RowTools, rows?: unknown): Promise<void> =>
  reportErrors('The config was not made', () =>
    newConfig(app, rows instanceof vscode.Uri && rows.path.endsWith('.qa.jsonl') ? rows : undefined),
  );

/**
 * Makes a config and shows it, so that the user reads it before running it.
 * @param given the rows to train on, if that is decided
 */
export async function newConfig(tools: RowTools, given?: vscode.Uri): Promise<void> {
  const { program } = tools;
  const folder = (await workFolder('the config and its runs are kept there.'))?.uri;
  if (!folder) return;
  const cwd = folder.fsPath;
  const presets = await program.answer(presetsSchema, ['presets', '--json'], { cwd });
  const answers = await inTurn<{
    preset: vscode.QuickPickItem;
    train: vscode.Uri;
    rows: Rows;
    target: vscode.Uri;
  }>(
    {
      preset: () =>
        vscode.window.showQuickPick(
          presets.map((each) => ({ label: each.name, description: tradeOff(each), detail: each.about })),
          { title: `${TITLE} (1 of 3)`, placeHolder: 'Which preset?', matchOnDetail: true },
        ),
      train: async () => {
        const prompt = { title: `${TITLE} (2 of 3)`, placeHolder: 'Which rows to train on?' };
        const rows = await chooseRows(tools, prompt, await dataFiles());
        return rows instanceof vscode.Uri ? rows : undefined;
      },
      rows: ({ train }) => chooseSets(tools, train),
      target: ({ preset }) => chooseNewConfig(vscode.Uri.joinPath(folder, `${preset.label}.run.yaml`)),
    },
    given && { train: given },
  );
  if (!answers) return;
  const { preset, target } = answers;
  const usable = await usableFiles(tools, [answers.rows.train, ...answers.rows.sets]);
  if (!usable) return;
  const [train, ...sets] = usable as [vscode.Uri, ...vscode.Uri[]];
  const from = posix.dirname(target.path);
  const text = configText(await program.run(['presets', preset.label], { cwd }), {
    train: posix.relative(from, train.path),
    eval: Object.fromEntries(sets.map(({ path }) => [setName(path), posix.relative(from, path)])),
  });
  const few = preset.label.endsWith('-sft') ? await tooFew(tools, train) : '';
  const unsure = sets.length === 0 ? UNEVALUATED : heldOutText(answers.rows.heldOut);
  await showNewConfig(target, text, few + unsure);
}

/** Lets the user choose where to save a config. */
export const chooseNewConfig = (defaultUri: vscode.Uri): Promise<vscode.Uri | undefined> =>
  chooseTarget('.run.yaml', {
    defaultUri,
    filters: { 'Run config': ['yaml'] },
    title: 'Save the run config',
  });

/**
 * Writes a config and shows it. The lens above it starts a run; a button would keep the message there after that.
 * @param warning what to say about it, if anything
 */
export async function showNewConfig(target: vscode.Uri, text: string, warning = ''): Promise<void> {
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target);
  const show = warning ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void show(`${posix.basename(target.path)} is ready: read it, then press Start above it.${warning}`);
}

/** What to say before a run that measures nothing. */
const UNEVALUATED =
  ' It evaluates on no set: its report will have curves of its training only, and no answers. Name sets under data.eval to have them.';

/** From so many rows on, the 95 % interval of an accuracy is at most ten points to each side. */
const ENOUGH_HELD_OUT = 100;

/** What to say of rows that were held out, if they are few. */
const heldOutText = (rows: number | undefined): string =>
  rows === undefined || rows >= ENOUGH_HELD_OUT
    ? ''
    : ` It evaluates on the ${several(rows, 'row')} held out: so few tell only large differences.`;

/** A model that begins from nothing does not learn to see from fewer rows. */
const LEAST_FROM_NOTHING = 1000;

/** What to say before a model learns from nothing, if these rows are too few for it. */
async function tooFew({ service }: RowTools, train: vscode.Uri): Promise<string> {
  const { rows } = await service.call('countRows', { path: train.fsPath });
  return rows === null || rows >= LEAST_FROM_NOTHING
    ? ''
    : ` Its ${thousands(rows)} rows are too few for a model that begins from nothing (the demo has 4,000): add synthetic scenes, or train a pretrained model with another preset.`;
}

/** What a run learns from, and evaluates on. */
interface Rows {
  train: vscode.Uri;
  sets: readonly vscode.Uri[];
  /** How many rows were held out just now. */
  heldOut?: number;
}

/**
 * Chooses sets to evaluate on: some of the workspace's, a new one, a part of the rows that is then not trained on, or the
 * training rows. The held-out part of the same data is proposed; the training rows are if there are no others, because a
 * run without an evaluation has no answers to show. Sets that share rows with training say so.
 */
async function chooseSets(tools: RowTools, train: vscode.Uri): Promise<Rows | undefined> {
  const title = `${TITLE} (3 of 3)`;
  const files = await dataFiles();
  const others = files.filter(({ path }) => path !== train.path);
  const ownModel = {
    label: posix.basename(train.path),
    description: 'the rows it learns from',
    detail: 'Shows whether it learns them, and answers their mirrors. Only other rows show whether it sees.',
  };
  const isSplit = files.some(({ path }) => isHeldOut(path, train.path));
  const isFree = partsOf(train).every(({ fsPath }) => !existsSync(fsPath));
  const split =
    isSplit || !isFree
      ? null
      : {
          label: '$(split-horizontal) Hold out a tenth of the rows',
          detail: `Writes ${partsOf(train)
            .map((part) => posix.basename(part.path))
            .join(' and ')}, and trains on the first. Rows about one picture stay together.`,
        };
  if (others.length === 0) {
    const none = { label: NONE, detail: 'Without a set, a run has curves of its training only.' };
    const first = [...(split ? [split] : []), ownModel, none];
    const set = await chooseRows(tools, { title, placeHolder: 'Which rows to evaluate on?', first }, []);
    if (set === undefined) return undefined;
    if (set === split?.label) return holdOut(tools, train);
    return { train, sets: set === ownModel.label ? [train] : set instanceof vscode.Uri ? [set] : [] };
  }
  const picked = !others.some(({ path }) => withoutMirror(path) !== withoutMirror(train.path));
  const setItems = evaluationItems(tools, train, others);
  const items = setItems.then((sets) => [
    ...(split ? [{ ...split, uri: null }] : []),
    ...sets,
    { ...ownModel, uri: train, picked },
  ]);
  const options = { title, matchOnDescription: true, canPickMany: true } as const;
  const placeHolder = 'Which sets to evaluate on? None is fine.';
  const chosen = await vscode.window.showQuickPick(items, { ...options, placeHolder });
  if (!chosen) return undefined;
  const sets = chosen.flatMap(({ uri }) => uri ?? []);
  if (sets.length === chosen.length) return { train, sets };
  const held = await holdOut(tools, train);
  // Whoever wants the rows that it learns from gets those that are left.
  const more = sets.map((uri) => (uri === train ? held.train : uri));
  return { ...held, sets: [...held.sets, ...more] };
}

/** The parts that rows are split into. */
const PARTS = ['train', 'val'] as const;

/** The files of the parts: `cups.train.qa.jsonl` and `cups.val.qa.jsonl`, as `convert --split` names them. */
const partsOf = (rows: vscode.Uri): vscode.Uri[] =>
  PARTS.map((part) =>
    vscode.Uri.joinPath(
      rows,
      '..',
      posix.basename(rows.path).replace(/(?:\.qa)?\.jsonl$/, `.${part}.qa.jsonl`),
    ),
  );

/** The part of the output of `convert --split --json` that is read here. */
const splitSchema = z.object({ splits: z.record(z.string(), z.int()) });
/** How many ways to split are tried: of few rows, one may hold nothing out. */
const TRIES = 5;

/**
 * Writes nine tenths of the rows and the rest to files beside; rows about one picture stay together.
 * @throws if nothing can be held out, because there are too few pictures
 */
async function holdOut({ program }: RowTools, rows: vscode.Uri): Promise<Rows> {
  const { fsPath } = rows;
  const words = ['convert', fsPath, '-o', fsPath, '--split', 'train=0.9,val=0.1', '--json'];
  const cwd = vscode.Uri.joinPath(rows, '..').fsPath;
  const [train, val] = partsOf(rows) as [vscode.Uri, vscode.Uri];
  for (let seed = 0; seed < TRIES; seed++) {
    const { splits } = await withProgress(`Splitting ${posix.basename(rows.path)}`, (shown) =>
      program.answer(splitSchema, [...words, '--seed', `${seed}`], { cwd, ...shown }),
    );
    if (PARTS.every((part) => (splits[part] ?? 0) > 0)) return { train, sets: [val], heldOut: splits.val };
  }
  for (const part of [train, val]) await vscode.workspace.fs.delete(part);
  throw new Error('These rows are about too few pictures to hold some out.');
}

/** Sets to evaluate on: those that share rows with training say so, and the held-out part of its data is ticked. */
async function evaluationItems(tools: RowTools, train: vscode.Uri, sets: readonly vscode.Uri[]) {
  const others = sets.map(({ fsPath }) => fsPath);
  const [items, shares] = await Promise.all([
    rowItems(tools, sets),
    tools.service.call('sharedWith', { path: train.fsPath, others }),
  ]);
  return items.map((item, i) => {
    const share = shares[i] ?? 0;
    if (share === 'too-large')
      return { ...item, description: `too large to compare with training · ${item.description}` };
    if (share > 0)
      return { ...item, description: `${shareText(share)} also in training · ${item.description}` };
    return isHeldOut(item.uri.path, train.path) ? { ...item, picked: true } : item;
  });
}

/** What names of files and folders call a part that is not trained on. */
const HELD_OUT = /[/._-](?:val|valid|validation|dev|test|eval|heldout|held-out)(?=[/._-])/;
const TRAINED = /[/._-]train(?:ing)?(?=[/._-])/;

/** Whether a file is, by its name or its folder's, the held-out part of the same data: `x.val` of `x.train` or of `x`. */
export function isHeldOut(path: string, train: string): boolean {
  const [part, whole] = [path, train].map((each) => withoutMirror(each) + '.');
  if (posix.dirname(posix.dirname(part!)) !== posix.dirname(posix.dirname(whole!))) return false;
  const [name, other] = [part!, whole!].map((each) => `/${each.split('/').slice(-2).join('/')}`);
  return (
    name !== other && HELD_OUT.test(name!) && name!.replace(HELD_OUT, '') === other!.replace(TRAINED, '')
  );
}

/** The same for a data set and its copy with mirrors, which have the same pictures. */
const withoutMirror = (path: string): string => path.replace(/(?:\.mirrored)?\.qa\.jsonl$/, '');

/** The files that a new run config refers to, with paths relative to it. */
interface ConfigData {
  train: string;
  /** Sets to evaluate on, by name. */
  eval: Record<string, string>;
}

/** A preset as `chirality presets --json` lists it. */
const presetsSchema = z.array(
  z.object({
    name: z.string(),
    about: z.string(),
    recipe: z.string(),
    /** The adapter's rank; null if all weights are trained. */
    rank: z.nullable(z.int()),
  }),
);
type Preset = z.infer<typeof presetsSchema>[number];

/** The text of a new config: the preset's own, with the data after its heading, so that every value can be changed. */
export function configText(preset: string, data: ConfigData): string {
  const lines = preset.split('\n');
  const heading = lines.findIndex((line) => !line.startsWith('#'));
  const sets = Object.entries(data.eval).map(([name, path]) => `    ${quoted(name)}: ${quoted(path)}`);
  const section = [
    'data:',
    `  train: ${quoted(data.train)}`,
    ...(sets.length > 0 ? ['  eval:', ...sets] : []),
  ];
  return [...lines.slice(0, heading), ...section, ...lines.slice(heading)].join('\n');
}

/** Quotes a text for YAML if necessary. */
const quoted = (text: string): string => (/^[A-Za-z_][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/** The name of an evaluation set: that of its file, or of its folder if the file has the generators' name (`data`). */
export function setName(path: string): string {
  const parts = path.replace(/\.qa\.jsonl$/, '').split('/');
  return (parts.at(-1) === 'data' && parts.at(-2)) || parts.at(-1)!;
}

/** When to choose a preset, and what it costs. */
export function tradeOff({ recipe, rank }: Preset): string {
  const why =
    recipe === 'sft'
      ? 'SFT: for coverage, and where data are scarce'
      : 'GRPO: for precision, and answers that survive another wording';
  return rank === null
    ? why
    : `${why} · LoRA of rank ${rank}: weights to train, memory and time grow with the rank`;
}

interface Kind {
  /** How the names of its files end. */
  ending: string;
  title: string;
  placeHolder: string;
  /** What is offered beside the files. */
  fresh: string;
  make: () => Promise<void>;
}

/**
 * The file of a command's arguments, or one of its kind in the workspace that the user picks. Undefined if it is none,
 * also if the user makes a new one.
 */
export async function chooseConfigFile(args: unknown[], kind: Kind): Promise<vscode.Uri | undefined> {
  const { ending, title, placeHolder } = kind;
  const [file] = commandFiles(args);
  if (file?.scheme === 'file' && file.path.endsWith(ending)) return file;
  const files = await vscode.workspace.findFiles(`**/*${ending}`, '**/node_modules/**');
  const fresh = { label: `$(add) ${kind.fresh}`, uri: undefined };
  const items = files
    .map((uri) => ({
      label: posix.basename(uri.path),
      description: vscode.workspace.asRelativePath(posix.dirname(uri.path)),
      uri,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const options = { title, placeHolder, matchOnDescription: true };
  const picked = items.length === 0 ? fresh : await vscode.window.showQuickPick([...items, fresh], options);
  if (picked === fresh) await kind.make();
  return picked?.uri;
}
