import { copyFile, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { parseRecord } from '../../base/record.ts';
import type { Backup } from '../../core/annotation/edit-session.ts';
import {
  annotateCalls,
  type AnnotateCommand,
  type AnnotateHost,
  type AnnotatePage,
} from './annotate.contract.ts';
import { atLine, frozenState, manifestOf, nameOf, pictureOf, watchFile } from '../host/data-files.host.ts';
import { offer } from '../host/report-errors.host.ts';
import { askDepthRange, mend } from '../host/usable-files.host.ts';
import { openKeybindings, Page } from '../page.host.ts';
import type { Service } from '../service.host.ts';
import { AnnotatedDocument, type LeftOut } from './annotate-document.host.ts';

/** Row without texts, which the editor inserts into a file without rows. */
const NEW_ROW = '{"id": "1", "question": "", "answer": "", "images": []}';

/** Annotation editor of `*.qa.jsonl` files. */
export class AnnotationEditor implements vscode.CustomEditorProvider<AnnotatedDocument>, vscode.Disposable {
  static readonly viewType = 'chirality.annotate';

  /** Fires for undoable edits, and when a document differs from its saved file for another reason. */
  private readonly changes = new vscode.EventEmitter<
    vscode.CustomDocumentContentChangeEvent<AnnotatedDocument>
  >();
  readonly onDidChangeCustomDocument = this.changes.event;

  private readonly pages = new Map<AnnotatedDocument, Page<AnnotatePage>>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    readonly service: Service,
  ) {}

  async openCustomDocument(
    uri: vscode.Uri,
    { backupId }: vscode.CustomDocumentOpenContext,
  ): Promise<AnnotatedDocument> {
    if (uri.scheme !== 'file')
      throw new Error(
        `Cannot annotate ${uri.toString(true)}, because it is not on disk. Open the saved file.`,
      );
    const readOnly = vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false;
    const backup = backupId === undefined ? null : await readBackup(uri, vscode.Uri.parse(backupId));
    const { document, lost } = await AnnotatedDocument.open(uri, readOnly, this.service, backup);
    document.onDidEdit((change) => {
      const event: vscode.CustomDocumentEditEvent<AnnotatedDocument> = { document, ...change };
      this.changes.fire(event);
    });
    document.onDidDiffer(() => this.changes.fire({ document }));
    document.onDidLeaveOut((left) => void this.tellLeftOut(uri, left));
    await document.leaveOut(lost);
    document.onDidChange((state) => {
      this.pages.get(document)?.notify('show', state);
      void this.tellFrozen(document);
    });
    return document;
  }

  resolveCustomEditor(document: AnnotatedDocument, panel: vscode.WebviewPanel): void {
    const host = this.hostOf(document);
    const page = new Page<AnnotatePage>(panel, this.extensionUri, 'annotate', () => host, annotateCalls);
    this.pages.set(document, page);
    if (document.isUnsaved) this.changes.fire({ document }); // VS Code cannot undo edits that come from a backup.
    const { uri } = document;
    const tellFrozen = () => void this.tellFrozen(document);
    const look = () => {
      document.merge().catch(() => undefined); // A later save will try again and report the reason for a failure.
      tellFrozen();
    };
    const watching = [...watchFile(uri, look), ...watchFile(manifestOf(uri), tellFrozen, tellFrozen)];
    panel.onDidChangeViewState(({ webviewPanel }) => webviewPanel.active && look());
    panel.onDidDispose(() => {
      for (const each of watching) each.dispose();
      this.pages.delete(document);
    });
  }

  async saveCustomDocument(document: AnnotatedDocument): Promise<void> {
    await document.save();
  }

  async saveCustomDocumentAs(document: AnnotatedDocument, to: vscode.Uri): Promise<void> {
    await document.copy(to.fsPath);
  }

  async revertCustomDocument(document: AnnotatedDocument): Promise<void> {
    await document.revert();
  }

  async backupCustomDocument(
    document: AnnotatedDocument,
    { destination }: vscode.CustomDocumentBackupContext,
  ): Promise<vscode.CustomDocumentBackup> {
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(destination, '..'));
    await document.backup(destination.fsPath);
    const remove = () => void document.deleteBackup(destination.fsPath).catch(() => undefined);
    return { id: destination.toString(), delete: remove };
  }

  /** Opens a file in the annotation editor instead of the text editor. @param filter filter of the editor's row list */
  async open(uri: vscode.Uri, filter?: string): Promise<void> {
    await vscode.commands.executeCommand('vscode.openWith', uri, AnnotationEditor.viewType);
    if (filter === undefined) return;
    for (const document of this.pages.keys()) {
      if (document.uri.toString() === uri.toString()) document.list(filter);
    }
  }

  tell(name: AnnotateCommand, choice?: number): void {
    const command = { name, ...(choice !== undefined && { choice }) };
    for (const page of this.pages.values()) if (page.panel.active) page.notify('command', command);
  }

  dispose(): void {
    this.changes.dispose();
    for (const page of this.pages.values()) page.close();
  }

  private async tellFrozen(document: AnnotatedDocument): Promise<void> {
    const frozen = (await frozenState(document.uri)) === true && !document.isUnsaved;
    this.pages.get(document)?.notify('frozen', frozen);
  }

  private hostOf(document: AnnotatedDocument): AnnotateHost {
    const { uri } = document;
    return {
      ready: () => {
        const page = this.pages.get(document);
        page?.notify('show', document.state());
        void this.tellFrozen(document);
      },
      lines: (args) => document.lines(args),
      queue: (args, call) => document.queue(args, call),
      usable: async (_, call) => {
        const answer = await document.usable(call);
        void askDepthRange(this, uri, answer.usable).then((isStored) => isStored && document.refresh());
        return answer;
      },
      mend: ({ how }) => void mend(this, uri, how, (copy) => this.open(copy)),
      row: ({ row }) => document.row(row),
      change: (args) => document.change(args),
      add: ({ row }) =>
        document.state().rows === 0 ? document.splice(0, 0, [NEW_ROW], 'Add row') : document.addCopy(row),
      remove: ({ row }) => document.splice(row, 1, [], 'Remove row'),
      find: (args, call) => document.find(args, call),
      image: ({ ref }) => pictureOf(this.service, uri, ref),
      openRow: ({ row }) => void this.openText(document, row),
      tryRow: async ({ row }) => {
        await vscode.commands.executeCommand('chirality.openPlayground', uri, await document.line(row));
      },
      openDataSet: () => void vscode.commands.executeCommand('chirality.openDataSet', uri),
      freeze: () => void vscode.commands.executeCommand('chirality.freezeDataSet', uri),
      train: () => void vscode.commands.executeCommand('chirality.newRunConfig', uri),
      openKeybindings: () => openKeybindings('annotate'),
    };
  }

  private async openText(document: AnnotatedDocument, row: number): Promise<void> {
    const there = atLine(await document.line(row), vscode.ViewColumn.Beside);
    await vscode.commands.executeCommand('vscode.openWith', document.uri, 'default', there);
  }

  /**
   * Reports edits that were not applied because another program changed the same rows, and the location of the edits: a
   * neighbouring file or, if writing failed, a new document.
   */
  private async tellLeftOut(uri: vscode.Uri, { edits, rows, kept }: LeftOut): Promise<void> {
    const many = edits === 1 ? 'One of your edits was' : `${edits} of your edits were`;
    const what = `Another program changed the same rows of ${nameOf(uri)}. ${many} not applied`;
    if (kept) {
      await offer(vscode.window.showWarningMessage, `${what}, but saved to ${nameOf(kept)}.`, {
        'Open Edits': () => this.open(kept),
      });
    } else if (rows.length > 0) {
      const content = `${rows.join('\n')}\n`;
      await vscode.window.showTextDocument(
        await vscode.workspace.openTextDocument({ language: 'qa-jsonl', content }),
      );
      await vscode.window.showWarningMessage(`${what}. Save the new document to keep the edits.`);
    } else await vscode.window.showWarningMessage(`${what}. The rows that you removed still exist.`);
  }
}

const backupSchema = z.object({
  version: z.literal(1),
  edits: z.array(
    z.object({
      at: z.int().check(z.minimum(0)),
      removed: z.array(z.string()),
      inserted: z.array(z.string()),
      above: z.nullable(z.string()),
    }),
  ),
});

/**
 * Reads the unsaved edits from the backup of a closed window. A corrupt backup, for example after a power cut, must not
 * prevent opening the file: renames the backup, notifies the user, and shows the file as on disk. A backup can be
 * missing because its edits were saved when the window closed.
 */
async function readBackup(uri: vscode.Uri, { fsPath }: vscode.Uri): Promise<Backup | null> {
  try {
    return parseRecord(backupSchema, await readFile(fsPath, 'utf8'), { file: basename(fsPath) });
  } catch (error) {
    const aside = `${fsPath}.broken`;
    const kept = await copyFile(fsPath, aside).then(
      () => ` Saved the backup as ${aside}.`,
      () => '',
    );
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = isGone
      ? `The backup of edits to ${nameOf(uri)} does not exist. VS Code saved the edits when the window closed, or the edits are lost.`
      : `Cannot restore unsaved edits to ${nameOf(uri)}: ${(error as Error).message}`;
    void vscode.window.showWarningMessage(`${what} The editor shows the file on disk.${kept}`);
    return null;
  }
}
