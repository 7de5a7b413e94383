import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { several, shareText, thousands } from '../../base/format.ts';
import type { App } from '../app.ts';
import { chooseRows, dataFiles, MAX_COUNTED, rowItems } from './new-data-set.ts';
import { isHeldOut, proposedEvaluation, trainingOrder } from './propose.ts';
import type { Faulty } from '../../panels/host/usable-files.host.ts';
import { rowCheck, usableInStep } from './usable-step.ts';
import { inTurn, pickItems, type Step } from './wizard-steps.ts';
import { withProgress } from '../../panels/host/report-errors.host.ts';

/** Label for the choice of no evaluation set. */
const NONE = 'None';

export interface Rows {
  train: vscode.Uri;
  sets: readonly vscode.Uri[];
  /** Whether to hold out a tenth of the training rows as a further evaluation set. */
  holdsOut?: boolean;
  /** Number of training rows that were held out. */
  heldOut?: number;
}

/**
 * Lets the user choose evaluation sets: sets of the workspace, a new set, held-out rows, or the training rows.
 * Preselects the result of `proposedEvaluation`; without a proposal, preselects the training rows, because a run
 * without an evaluation has no answers to show.
 */
export async function chooseSets(
  tools: App,
  train: vscode.Uri,
  title: string,
  step: Step,
): Promise<Rows | undefined> {
  const others = (await dataFiles()).filter(({ path }) => path !== train.path);
  const items = await evaluationItems(tools, train, [...others, train]);
  const count = await tools.service.call('countRows', { path: train.fsPath }).catch(() => null);
  const proposed = proposedEvaluation(
    { path: train.path, rows: count?.rows ?? null },
    items.filter(({ uri }) => uri !== train).map(({ uri, shared }) => ({ path: uri.path, shared })),
  );
  const isFree = partsOf(train).every(({ fsPath }) => !existsSync(fsPath));
  const hasPart = proposed.files.some((path) => isHeldOut(path, train.path));
  const split = {
    label: '$(split-horizontal) Hold Out 10% of the Rows',
    detail: `Keeps rows of one image together. Writes ${partsOf(train)
      .map((part) => posix.basename(part.path))
      .join(' and ')}.`,
  };
  const canSplit = isFree && !hasPart;
  if (others.length === 0) {
    const none = { label: NONE, detail: 'Without evaluation rows, the run shows only training curves.' };
    const first = [...(canSplit ? [split] : []), ...items, none];
    const asking = { title, placeHolder: 'Select rows to evaluate on', first, step };
    const set = await chooseRows(tools, asking, []);
    if (set === undefined) return undefined;
    if (set === split.label) return { train, sets: [], holdsOut: true };
    return { train, sets: set instanceof vscode.Uri ? [set] : [] };
  }
  const holdsOut = proposed.holdsOut && canSplit;
  const picked = proposed.files.length === 0 && !holdsOut ? [train.path] : proposed.files;
  const choices: (vscode.QuickPickItem & { uri: vscode.Uri | null })[] = [
    ...(canSplit ? [{ ...split, uri: null, ...(holdsOut && { picked: true }) }] : []),
    ...items.map((item) => ({ ...item, picked: picked.includes(item.uri.path) })),
  ];
  let looked: readonly Faulty[] = [];
  const placeHolder = 'Select evaluation sets (optional)';
  const work = rowCheck<(typeof choices)[number]>(tools, (faulty) => (looked = faulty));
  const answers = await inTurn<{ chosen: readonly (typeof choices)[number][]; sets: readonly vscode.Uri[] }>(
    {
      chosen: () => pickItems(choices, { title, placeHolder, step, many: true, scope: train.path, work }),
      sets: ({ chosen }) => {
        const files = chosen.flatMap(({ uri }) => uri ?? []);
        return usableInStep(tools, files, { title, place: step.place, looked });
      },
    },
    { outer: step },
  );
  return answers && { train, ...answers, holdsOut: answers.chosen.some(({ uri }) => uri === null) };
}

/**
 * Returns list items for files to evaluate on, with the share of their rows in the training rows. Files that share rows
 * follow the others, and the training rows are last.
 * @param train training rows; null if missing, so that nothing is compared
 */
export async function evaluationItems(
  { service }: Pick<App, 'service'>,
  train: vscode.Uri | null,
  files: readonly vscode.Uri[],
) {
  const others = files.map(({ fsPath }) => fsPath).filter((path) => path !== train?.fsPath);
  const [items, shares] = await Promise.all([
    rowItems({ service }, files),
    train === null || others.length === 0 ? [] : service.call('sharedWith', { path: train.fsPath, others }),
  ]);
  const rated = items.map((item) => {
    if (item.uri.path === train?.path) return { ...ofTraining(item), shared: 1, rank: 2 };
    const shared = shares[others.indexOf(item.uri.fsPath)] ?? 0;
    const description = [sharedText(shared), item.description].filter(Boolean).join(' · ');
    return { ...item, description, shared, rank: shared === 0 ? 0 : 1 };
  });
  return rated.sort((a, b) => a.rank - b.rank);
}

const ofTraining = <T extends vscode.QuickPickItem>(item: T) => ({
  ...item,
  description: ['training rows', item.description].filter(Boolean).join(' · '),
  detail: 'Measures learning. To measure generalisation, select held-out rows.',
});

const sharedText = (share: number | 'too-large'): string =>
  share === 'too-large'
    ? 'too large to compare with the training rows'
    : share > 0
      ? `${shareText(share)} shared with the training rows`
      : '';

/** Returns a remark on the words of a file that a model does not know; null without any. A missing file is reported later. */
export async function unknownText(
  { service }: Pick<App, 'service'>,
  words: { model: string; path: string },
): Promise<string | null> {
  const unknown = await service.call('unknownWords', words).catch(() => []);
  const some = unknown.slice(0, 3).map((word) => JSON.stringify(word));
  return some.length === 0
    ? null
    : `${several(unknown.length, 'word')} unknown to the model, for example ${some.join(', ')}`;
}

/** Returns the data files of the workspace in the order in which the wizard proposes them for training. */
export async function trainingFiles({ service }: App): Promise<vscode.Uri[]> {
  const files = await dataFiles();
  const counted = await Promise.all(
    files.slice(0, MAX_COUNTED).map(async (uri) => {
      const count = await service.call('countRows', { path: uri.fsPath }).catch(() => null);
      return { uri, path: uri.path, rows: count?.rows ?? null };
    }),
  );
  const others = files.slice(MAX_COUNTED).map((uri) => ({ uri, path: uri.path, rows: null }));
  return trainingOrder([...counted, ...others]).map(({ uri }) => uri);
}

/** Names of the splits of the rows. */
const PARTS = ['train', 'val'] as const;

/** Returns the files of the splits, named as by `convert --split`: `cups.train.qa.jsonl`, `cups.val.qa.jsonl`. */
const partsOf = (rows: vscode.Uri): vscode.Uri[] =>
  PARTS.map((part) =>
    vscode.Uri.joinPath(
      rows,
      '..',
      posix.basename(rows.path).replace(/(?:\.qa)?\.jsonl$/, `.${part}.qa.jsonl`),
    ),
  );

/** Fields that the extension uses from the output of `convert --split --json`. */
const splitSchema = z.object({ splits: z.record(z.string(), z.int()) });
/**
 * Writes 90% of the training rows, and the remaining 10%, to files next to the original; rows with the same image stay
 * together. If the training rows are also an evaluation set, the 90% replace that set.
 * @throws if too few images leave no rows to hold out
 */
export async function holdOut({ program, service }: App, { train: rows, sets }: Rows): Promise<Rows> {
  const { fsPath } = rows;
  const words = ['convert', fsPath, '-o', fsPath, '--split', 'train=0.9,val=0.1', '--json'];
  const cwd = vscode.Uri.joinPath(rows, '..').fsPath;
  const [train, val] = partsOf(rows) as [vscode.Uri, vscode.Uri];
  const count = await service.call('countRows', { path: fsPath }).catch(() => null);
  const total = count?.rows == null ? '' : ` of ${thousands(count.rows)}`;
  const { splits } = await withProgress(`Splitting ${posix.basename(rows.path)}`, ({ signal, onLine }) =>
    program.answer(splitSchema, words, { cwd, signal, onLine: (line) => onLine(line + total) }),
  );
  if (PARTS.every((part) => (splits[part] ?? 0) > 0)) {
    const others = sets.map((uri) => (uri.toString() === rows.toString() ? train : uri));
    return { train, sets: [val, ...others], heldOut: splits.val! };
  }
  for (const part of [train, val]) await vscode.workspace.fs.delete(part);
  throw new Error('Cannot hold out rows because the dataset has too few images.');
}
