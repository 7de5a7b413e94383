import * as vscode from 'vscode';
import type { ModelAnswers } from '../../core/metrics/model-answers.ts';
import type { PictureSource, PlayQuestion } from './playground.contract.ts';
import type { ReadonlyDeep } from '../calls.contract.ts';
import { chooseTarget, hasChanges, imageFolders, nameOf } from '../host/data-files.host.ts';
import { confirm, offer } from '../host/report-errors.host.ts';
import type { Service } from '../service.host.ts';

const SUFFIX = '.qa.jsonl';

/** Appends questions to a data file that the user chooses. @param kind prefix of the questions' ids */
export async function saveSamples(
  rows: readonly { source: PictureSource; question: PlayQuestion; asked: ReadonlyDeep<ModelAnswers[]> }[],
  kind: 'asked' | 'sandbox',
  service: Service,
): Promise<void> {
  const uri = await chooseFile();
  if (!uri || !(await isClean(uri))) return;
  const { root } = imageFolders(uri)!;
  const id = `${kind}-${new Date().toISOString().replace(/\D/g, '')}`;
  const saved: number[] = [];
  for (const { source, question, asked } of rows) {
    const toSave = {
      path: uri.fsPath,
      id: rows.length === 1 ? id : `${id}-${saved.length + 1}`,
      row: source.sample,
      question,
      asked,
      place: source.place,
      root,
    };
    saved.push(await service.call('keepQuestion', toSave));
  }
  const lines = saved.length === 1 ? `line ${saved[0]}` : `lines ${saved[0]} to ${saved.at(-1)}`;
  // Do not await the message, because it remains until the user responds.
  void offer(vscode.window.showInformationMessage, `Saved to ${lines} of ${nameOf(uri)}.`, {
    'Show Row': () => vscode.commands.executeCommand('chirality.showPair', uri, saved[0]),
  });
}

async function chooseFile(): Promise<vscode.Uri | undefined> {
  const files = await vscode.workspace.findFiles(`**/*${SUFFIX}`, '**/{node_modules,runs}/**');
  const newFile = '$(new-file) New File…';
  const items = files.map((uri) => ({
    label: nameOf(uri),
    description: vscode.workspace.asRelativePath(uri),
    uri,
  }));
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { uri?: vscode.Uri }>(
    [...items, { label: newFile }],
    { title: 'Save as Row', placeHolder: 'Select a data file', matchOnDescription: true },
  );
  if (picked?.label !== newFile) return picked?.uri;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return chooseTarget(SUFFIX, {
    title: 'Save as Row',
    filters: { Rows: ['jsonl'] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, `playground${SUFFIX}`) }),
  });
}

/** Returns whether a file has no unsaved changes in any editor. If it has, first offers to save the changes. */
async function isClean(uri: vscode.Uri): Promise<boolean> {
  if (!hasChanges(uri)) return true;
  const message = `${nameOf(uri)} has unsaved changes.`;
  const agreed = await confirm(message, 'Chirality appends the row to the file on disk.', 'Save File First');
  return agreed && (await vscode.workspace.save(uri)) !== undefined;
}
