import { dirname, posix } from 'node:path';
import * as vscode from 'vscode';
import { DepthRange } from '../../base/depth-range.ts';
import { printable } from '../../base/printable.ts';
import { ENCODINGS } from '../../base/encodings.ts';
import {
  FAULT_KINDS,
  faultText,
  lacksImages,
  OF_PICTURES,
  placesText,
  usableText,
  type FaultKind,
  type UsableRows,
} from '../../base/row-faults.ts';
import type { ImageFolders } from '../data-rows.reads.ts';
import type { Mending } from '../annotate/annotate.contract.ts';
import type { Service } from '../service.host.ts';
import { freePath, imageFolders, nameOf, saveChanges, titleOf } from './data-files.host.ts';
import { pickFolder } from './quick-picks.host.ts';
import { reportErrors, withProgress } from './report-errors.host.ts';

export interface RowLooker {
  service: Pick<Service, 'call'>;
}

/** Data file with unusable rows, or with 16-bit images without a stored range. */
export interface Faulty {
  uri: vscode.Uri;
  place: ImageFolders;
  usable: UsableRows;
  isUtf8: boolean;
}

/** Buttons that write a corrected copy of a file, and the work that they do. */
const MENDING: Readonly<Record<Mending, { button: string; work: string }>> = {
  locate: { button: 'Locate Images…', work: 'locate the images' },
  encode: { button: 'Fix Encoding', work: 'change the encoding' },
  exclude: { button: 'Exclude Unusable Rows', work: 'exclude unusable rows' },
};

const mendingOf = (pressed?: string): Mending | undefined =>
  (Object.keys(MENDING) as Mending[]).find((how) => MENDING[how].button === pressed);

/** Returns the annotation editor's filter for unusable rows: of one kind of fault, or of all kinds. */
const filterOf = (kind?: FaultKind): string => (kind === undefined ? 'not fault = none' : `fault = ${kind}`);

/** Opens the unusable rows of a data file in the annotation editor. */
const show = (uri: vscode.Uri) =>
  vscode.commands.executeCommand('chirality.annotateRows', { path: uri.fsPath, filter: filterOf() });

/** Returns a text without brackets, because VS Code's messages would convert brackets to links. */
const unlinked = (text: string): string => printable(text, 80).replace(/[[\]()]/g, ' ');

/**
 * Returns the summary of a file's rows for a message of VS Code. Each kind of fault is a link to its rows.
 * @param kinds kinds of fault whose rows are in the file itself
 * @param table table whose lines the faults contain
 */
function linkedSummary(
  uri: vscode.Uri,
  usable: UsableRows,
  { kinds = FAULT_KINDS, table }: { kinds?: readonly FaultKind[]; table?: vscode.Uri | undefined } = {},
): string {
  const links = usable.faults.map((fault) => {
    const at = table && `${unlinked(nameOf(table))}, ${unlinked(placesText(fault))}`;
    const place = at ? ` (${at})` : '';
    if (!kinds.includes(fault.kind))
      return `${faultText(fault)}${place}: ${unlinked(fault.rows[0]!.message)}`;
    const argument = JSON.stringify([{ path: uri.fsPath, filter: filterOf(fault.kind) }]);
    const address = encodeURIComponent(argument).replace(/[()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    return `[${faultText(fault)}](command:chirality.annotateRows?${address})${place}`;
  });
  const [head] = usableText(usable).split(': ');
  return `${unlinked(titleOf(uri))}: ${[head, links.join(' · ')].filter(Boolean).join(': ')}`;
}

/** Checks the rows and images of data files. @returns the files with unusable rows or undecided depth, each once */
export async function faultsIn(
  { service }: RowLooker,
  files: readonly vscode.Uri[],
  {
    root,
    signal,
    onLine,
    onUsable,
  }: {
    root?: string;
    signal: AbortSignal;
    onLine: (line: string) => void;
    onUsable?: (text: string) => void;
  },
): Promise<Faulty[]> {
  const faulty: Faulty[] = [];
  for (const uri of new Map(files.map((file) => [file.toString(), file])).values()) {
    const place = root === undefined ? imageFolders(uri) : { folder: dirname(uri.fsPath), root };
    if (!place) continue;
    const path = uri.fsPath;
    const onProgress = (share: number) => onLine(`${titleOf(uri)}: ${Math.floor(100 * share)}%`);
    const usable = await service.call('usableRows', { path, place, reuse: true }, { signal, onProgress });
    onUsable?.(usableText(usable));
    if (usable.faults.length === 0 && usable.deep === undefined) continue;
    const isUtf8 = (await service.call('encodingOf', { path })) === 'utf-8';
    faulty.push({ uri, place, usable, isUtf8 });
  }
  return faulty;
}

interface CheckOptions {
  /** Folder that must contain all images; default: the workspace folder. */
  root?: string;
  /** Aborts the check. */
  stop?: AbortSignal;
  /** Result of an earlier check of these files. */
  looked?: readonly Faulty[] | undefined;
  /** Start of the message. */
  refusal?: string;
  /** Asks what to do about unusable rows; default: in a message. */
  ask?: (faulty: readonly Faulty[], buttons: readonly string[]) => Thenable<string | undefined>;
}

/**
 * Checks the rows and images of data files before work with the files. If some rows are unusable, lists their faults and
 * offers fixes.
 * @returns the files or their copies, in the given order; null if the user shows the rows or cancels
 */
export async function usableFiles(
  { service }: RowLooker,
  files: readonly vscode.Uri[],
  options: CheckOptions = {},
): Promise<vscode.Uri[] | null> {
  const { root, stop, looked, refusal = '' } = options;
  const findings =
    looked ??
    (await withProgress(
      'Checking rows and images',
      (shown) => faultsIn({ service }, files, { ...shown, ...(root !== undefined && { root }) }),
      { ...(stop && { signal: stop }) },
    ));
  for (const { uri, usable } of findings) await askDepthRange({ service }, uri, usable);
  const faulty = findings.filter(({ usable }) => usable.faults.length > 0);
  if (faulty.length === 0) return [...files];
  const left = faulty.every(({ usable }) => usable.usable > 0);
  const lacking = faulty.filter(({ usable }) => lacksImages(usable));
  const buttons = [
    ...(lacking.length > 0 ? [MENDING.locate.button] : []),
    ...(faulty.every(({ isUtf8 }) => isUtf8) ? [] : ['Fix Encoding']),
    ...(left ? ['Exclude Unusable Rows'] : []),
    'Show Unusable Rows',
  ];
  const message = faulty.map(({ uri, usable }) => linkedSummary(uri, usable)).join('; ');
  const pressed = options.ask
    ? await options.ask(faulty, buttons)
    : await vscode.window.showWarningMessage(
        `${refusal}${message}.${lacking.length > 0 ? ' If the images moved, locate their folder.' : ''}`,
        ...buttons,
      );
  if (pressed === 'Show Unusable Rows') await show(faulty[0]!.uri);
  const how = mendingOf(pressed);
  if (!how) return null;
  const folder = how === 'locate' ? await imageFolder() : undefined;
  const copies = new Map<string, vscode.Uri>();
  for (const file of how === 'locate' ? lacking : faulty) {
    const copy = await copyOf({ service }, file, how, folder);
    if (!copy) return null;
    copies.set(file.uri.toString(), copy);
  }
  const next = files.map((uri) => copies.get(uri.toString()) ?? uri);
  // With the right encoding or images, other rows can still be unusable.
  if (how === 'exclude') return next;
  return usableFiles({ service }, next, { ...options, looked: undefined });
}

/** Folders whose depth range the user was asked for in this session. */
const askedFolders = new Set<string>();

/**
 * Asks once for the depth range of a data file's 16-bit images, if none is stored, and stores the answer next to the
 * images. @returns whether a range was stored
 */
export async function askDepthRange(
  { service }: RowLooker,
  uri: vscode.Uri,
  { deep: folder }: UsableRows,
): Promise<boolean> {
  if (folder === undefined || askedFolders.has(folder)) return false;
  askedFolders.add(folder);
  const pressed = await vscode.window.showInformationMessage(
    `${unlinked(titleOf(uri))} has 16-bit images, but models receive 8 bits. Without a range of values, models receive the upper 8 bits, and depth in millimetres is almost black.`,
    'Set Range',
    'Use Upper 8 Bits',
  );
  const text =
    pressed === 'Set Range'
      ? await vscode.window.showInputBox({
          title: `Range of the 16-bit images in ${posix.basename(folder)}`,
          prompt: 'Values that become black and white, in the unit of the files',
          value: '0..5000',
          validateInput: (value) => (DepthRange.parse(value) ? undefined : 'Enter a range such as 0..5000.'),
        })
      : pressed && 'upper';
  if (!text) return false;
  let isStored = false;
  await reportErrors('Cannot store the depth range', async () => {
    await service.call('storeDepth', { folder, text });
    isStored = true;
  });
  return isStored;
}

/**
 * Reports the unusable rows of a converted table. The dataset omits these rows, or contains them without images.
 * @param table only table, whose lines the faults contain
 */
export async function tellMade(
  { service }: RowLooker,
  made: vscode.Uri,
  usable: UsableRows,
  table?: vscode.Uri,
): Promise<void> {
  const isLacking = usable.faults.some(({ kind }) => OF_PICTURES.includes(kind));
  const omitted = usable.faults.find(({ kind }) => !OF_PICTURES.includes(kind));
  const buttons = [
    ...(lacksImages(usable) ? [MENDING.locate.button] : []),
    ...(omitted && table ? ['Open Table'] : []),
    ...(isLacking && usable.usable > 0 ? ['Exclude Unusable Rows'] : []),
    ...(isLacking ? ['Show Unusable Rows'] : []),
  ];
  const message = `${linkedSummary(made, usable, { kinds: OF_PICTURES, table }).replace(/\.$/, '')}.`;
  const pressed = await vscode.window.showWarningMessage(message, ...buttons);
  if (pressed === 'Show Unusable Rows') await show(made);
  if (pressed === 'Open Table') {
    const line = Math.max(0, Number.parseInt(omitted!.rows[0]!.place, 10) - 1 || 0);
    await vscode.commands.executeCommand('vscode.open', table, {
      selection: new vscode.Range(line, 0, line, 0),
    });
  }
  const how = mendingOf(pressed);
  if (how)
    await mend({ service }, made, how, (copy) =>
      vscode.commands.executeCommand('chirality.openDataSet', copy),
    );
}

/** Writes a corrected copy of a data file next to the file, and opens the copy. */
export const mend = (
  tools: RowLooker,
  uri: vscode.Uri,
  how: Mending,
  open: (copy: vscode.Uri) => unknown,
): Promise<void> =>
  reportErrors(`Cannot ${MENDING[how].work}`, async () => {
    const copy = await copyOf(tools, { uri, place: imageFolders(uri)! }, how);
    if (copy) await open(copy);
  });

type Copied = Pick<Faulty, 'uri' | 'place'>;

/** Writes a corrected copy of a data file. @returns undefined if cancelled */
const copyOf = (tools: RowLooker, file: Copied, how: Mending, folder?: vscode.Uri) =>
  how === 'exclude'
    ? leaveOut(tools, file)
    : how === 'encode'
      ? fixEncoding(tools, file.uri)
      : locate(tools, file, folder);

const imageFolder = () =>
  pickFolder('Select the Folder That Now Contains the Images', { openLabel: 'Use This Folder' });

/** Writes all rows to a new file next to the original, with missing images from a folder that the user selects. */
async function locate(
  { service }: RowLooker,
  { uri, place }: Copied,
  folder?: vscode.Uri,
): Promise<vscode.Uri | undefined> {
  const images = (folder ?? (await imageFolder()))?.fsPath;
  if (images === undefined) return undefined;
  await saveChanges(uri);
  const to = beside(uri, 'located');
  await service.call('writeMended', { path: uri.fsPath, place, to, images });
  return vscode.Uri.file(to);
}

/**
 * Writes the usable rows to a new file next to the original: `cups.usable.qa.jsonl`. Saves unsaved changes of the
 * original first, so that the copy has them.
 */
async function leaveOut({ service }: RowLooker, { uri, place }: Copied): Promise<vscode.Uri> {
  const isSaved = await saveChanges(uri);
  const to = beside(uri, 'usable');
  await service.call('writeMended', { path: uri.fsPath, place, to });
  const copy = vscode.Uri.file(to);
  void vscode.window.showInformationMessage(
    isSaved
      ? `Saved ${nameOf(uri)}, and wrote its usable rows to ${nameOf(copy)}.`
      : `Wrote the usable rows to ${nameOf(copy)}. ${nameOf(uri)} is unchanged.`,
  );
  return copy;
}

/**
 * Lets the user recognise the encoding of a file by its first words, and writes the file in UTF-8 next to the original:
 * `cups.utf-8.qa.jsonl`. @returns undefined if cancelled
 */
async function fixEncoding({ service }: RowLooker, uri: vscode.Uri): Promise<vscode.Uri | undefined> {
  await saveChanges(uri);
  const path = uri.fsPath;
  const likely = await service.call('encodingOf', { path });
  if (likely === 'utf-8') return uri;
  const encodings = [likely, ...ENCODINGS.filter((name) => name !== likely && name !== 'utf-8')];
  const words = await service.call('wordsIn', { path, encodings });
  const picked = await vscode.window.showQuickPick(
    encodings.map((label, i) => ({ label, description: printable(words[i]!, 80) })),
    { title: `Encoding of ${nameOf(uri)}`, placeHolder: 'Select an encoding that shows correct text' },
  );
  if (!picked) return undefined;
  const to = beside(uri, 'utf-8');
  await service.call('writeInUtf8', { path, encoding: picked.label, to });
  return vscode.Uri.file(to);
}

const beside = (uri: vscode.Uri, what: string): string =>
  freePath((number) => `${uri.fsPath.replace(/\.qa\.jsonl$/, '')}.${what}${number}.qa.jsonl`);
