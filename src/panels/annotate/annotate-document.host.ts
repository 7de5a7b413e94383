import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { EditSession, type Backup, type EditStore } from '../../core/annotation/edit-session.ts';
import { type Hunk, slice, type Piece } from '../../core/annotation/pieces.ts';
import type { Call } from '../../base/call.ts';
import type {
  AnnotateHost,
  AnnotateState,
  OpenRow,
  ReviewQueue,
  RowLine,
  UsableFile,
} from './annotate.contract.ts';
import type { Args } from '../../base/channel.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { newToken } from '../../lab/files/leftovers.ts';
import { conflictsOf, imageFolders, nameOf, reviewerName } from '../host/data-files.host.ts';
import type { ImageFolders } from '../data-rows.reads.ts';
import type { EditedVersion } from './annotate-edits.reads.ts';
import type { Service } from '../service.host.ts';

/** Change on VS Code's undo stack; `label` is the name of the change in the menu. */
export interface Change {
  label: string;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

/** Edits that no longer apply because another program changed the same rows. */
export interface LeftOut {
  edits: number;
  rows: string[];
  /** File with the saved rows of these edits; null without rows, or if the rows could not be written. */
  kept: vscode.Uri | null;
}

/** Load the rules for reading rows with the first edit. */
const rules = () => import('../../core/annotation/edit-row.ts');

type EditingService = Pick<Service, 'call'>;

/** Argument of a call from the page. */
type From<K extends keyof AnnotateHost> = Args<AnnotateHost[K]>;

/**
 * Data file in the annotation editor. The document owns the file's rows and edits. The service searches, reads and
 * writes the file; each call contains the rows that the service needs. VS Code keeps the undo stack.
 */
export class AnnotatedDocument implements vscode.CustomDocument {
  private readonly edited = new vscode.EventEmitter<Change>();
  readonly onDidEdit = this.edited.event;
  private readonly changed = new vscode.EventEmitter<AnnotateState>();
  private readonly leftOut = new vscode.EventEmitter<LeftOut>();
  readonly onDidLeaveOut = this.leftOut.event;
  private readonly differs = new vscode.EventEmitter<void>();
  /** Fires when the rows differ from the file although VS Code might treat the document as saved. */
  readonly onDidDiffer = this.differs.event;
  /** Fires after every change of the rows, whatever the reason. */
  readonly onDidChange = this.changed.event;

  private readonly token = newToken();
  private edits!: EditSession;
  private readOnly!: boolean;
  private version = 0;
  private filter: AnnotateState['filter'] = null;
  /** Number of times that the file was read. A new reading invalidates earlier undo steps. */
  private reading = 0;
  /** Number of steps that were applied, and the number of steps at the last save. */
  private steps = 0;
  private saved = 0;
  /** Path of VS Code's backup of unsaved edits, and the last write to this path. */
  private backupPath: string | null = null;
  private backedUp: Promise<void> = Promise.resolve();

  private constructor(
    readonly uri: vscode.Uri,
    private readonly service: EditingService,
  ) {}

  /**
   * @param backup edits from a backup of VS Code; the backup file might have been deleted. Edits that no longer apply
   * are returned as `lost`: see `leaveOut`.
   */
  static async open(
    uri: vscode.Uri,
    readOnly: boolean,
    service: EditingService,
    backup: Backup | null,
  ): Promise<{ document: AnnotatedDocument; lost: Hunk[] }> {
    const document = new AnnotatedDocument(uri, service);
    const { writable, ...version } = await service.call('openEdited', {
      path: uri.fsPath,
      token: document.token,
      orNew: backup !== null,
    });
    document.readOnly = readOnly || !writable;
    document.edits = new EditSession(document.store, version);
    return { document, lost: backup ? await document.edits.reload(backup.edits) : [] };
  }

  get isUnsaved(): boolean {
    return this.edits.isUnsaved;
  }

  state(goTo: number | null = null, typing = false): AnnotateState {
    const { uri, version, readOnly, filter } = this;
    const rows = this.edits.count;
    return {
      name: nameOf(uri),
      uri: uri.toString(),
      rows,
      version,
      goTo,
      typing,
      readOnly,
      filter,
      reviewer: reviewerName(),
    };
  }

  list(filter: string): void {
    this.filter = { text: filter, asked: (this.filter?.asked ?? 0) + 1 };
    this.tell(null);
  }

  /** Shows rows and images again. */
  refresh(): void {
    this.tell(null);
  }

  /** File, as an argument of calls to the service. */
  get opened(): EditedVersion {
    return { path: this.uri.fsPath, token: this.token, version: this.edits.version };
  }

  lines({ rows, variant }: From<'lines'>): Promise<RowLine[]> {
    return this.edits.read((all) => {
      // Skip rows that no longer exist, because the change event will update the page.
      const pieces = rows.filter((row) => row < this.edits.count).flatMap((row) => slice(all, row, 1));
      return this.service.call('editedLines', {
        ...this.opened,
        pieces,
        variant,
        place: imageFolders(this.uri),
      });
    });
  }

  row(row: number): Promise<OpenRow> {
    return this.atRow(row, (piece) =>
      this.service.call('editedRow', { ...this.opened, piece, place: imageFolders(this.uri) }),
    );
  }

  async usable(call?: Call<number>): Promise<UsableFile> {
    const { path } = this.opened;
    const isUtf8 = (await this.service.call('encodingOf', { path })) === 'utf-8';
    const usable = await this.edits.search((pieces) =>
      this.service.call('usableEdited', { ...this.opened, pieces, place: this.place }, call),
    );
    return { usable, isUtf8 };
  }

  /** Location of the images. The editor reads only images on disk. */
  get place(): ImageFolders {
    return imageFolders(this.uri)!;
  }

  queue(args: From<'queue'>, call?: Call<number>): Promise<ReviewQueue> {
    return this.edits.search((pieces) =>
      this.service.call('reviewQueue', { ...this.opened, pieces, place: this.place, ...args }, call),
    );
  }

  find(args: From<'find'>, call?: Call<number>): Promise<number | null> {
    return this.edits.search((pieces) =>
      this.service.call('findText', { ...this.opened, pieces, ...args }, call),
    );
  }

  /** Returns the row's line in the file, from 1; for an unsaved row, the line of the saved row before it. */
  line(row: number): Promise<number> {
    return this.edits.read((all) => {
      const saved = slice(all, 0, row + 1).findLast((piece) => 'base' in piece);
      if (!saved) return 1;
      return this.service.call('lineOfRow', { ...this.opened, row: saved.base + saved.count - 1 });
    });
  }

  async change({ row, id, changes, label, typing, seen }: From<'change'>): Promise<void> {
    this.refuseReadOnly();
    const field = typing ? JSON.stringify([row, changes.map(({ path }) => path)]) : null;
    const changed = async ([text]: string[]) => {
      if (seen !== undefined && seen !== text)
        throw new Error(`Row ${row + 1} changed while you were reviewing it. Review the row again.`);
      return [(await rules()).editRow(text!, row, id, changes)];
    };
    const amended = await this.edits.edit(row, 1, changed, field);
    if (amended) this.amendBackup();
    else this.done(label);
    this.tell(null, typing);
  }

  async addCopy(row: number): Promise<void> {
    const { copyOf } = await rules();
    await this.splice(row + 1, 0, [copyOf(await this.edits.text(row), row)], 'Add row');
  }

  async splice(at: number, remove: number, texts: string[], label: string): Promise<void> {
    this.refuseReadOnly();
    await this.edits.edit(at, remove, texts);
    this.done(label);
    this.tell(this.within(at));
  }

  /**
   * Saves the edits, merged with changes by other programs. Also saves edits made during the save, because VS Code then
   * marks the document as saved and would not save again.
   */
  async save(): Promise<void> {
    do await this.merge();
    while (!(await this.edits.save()) || this.isUnsaved);
    this.saved = this.steps;
  }

  /** Writes the rows to another file, without changing the document or its edits. */
  copy(path: string): Promise<void> {
    return this.edits.copy(path);
  }

  /** Discards all unsaved edits. */
  async revert(): Promise<void> {
    await this.edits.reload([]);
    this.steps = this.saved;
    this.wasReadAgain();
  }

  /** Applies the edits to the file that another program changed. @returns the edits that no longer apply */
  async merge(): Promise<Hunk[]> {
    const lost = await this.edits.merge();
    if (!lost) return [];
    this.wasReadAgain();
    if (this.isUnsaved) this.differs.fire();
    await this.leaveOut(lost);
    return lost;
  }

  /** Saves the rows of edits that no longer apply to a file next to the data file. */
  async leaveOut(edits: Hunk[]): Promise<void> {
    if (edits.length === 0) return;
    const rows = edits.flatMap(({ inserted }) => inserted.map((row) => row.trim()));
    const uri = vscode.Uri.joinPath(this.uri, '..', conflictsOf(nameOf(this.uri)));
    const kept =
      rows.length > 0 &&
      (await this.service.call('appendRows', { path: uri.fsPath, rows }).then(
        () => true,
        () => false,
      ));
    this.leftOut.fire({ rows, edits: edits.length, kept: kept ? uri : null });
  }

  /** Backs up the unsaved edits. Later key presses update the backup: VS Code requests only one backup per step. */
  backup(path: string): Promise<void> {
    this.backupPath = path;
    return this.writeBackup();
  }

  async deleteBackup(path: string): Promise<void> {
    if (this.backupPath === path) this.backupPath = null;
    await this.backedUp.catch(() => undefined);
    await rm(path, { force: true });
  }

  dispose(): void {
    this.edited.dispose();
    this.differs.dispose();
    this.leftOut.dispose();
    this.changed.dispose();
    void this.service.call('closeEdited', this.opened).catch(() => undefined);
  }

  private get store(): EditStore {
    const { service } = this;
    return {
      rawRows: (rows) => service.call('rawRows', { ...this.opened, rows }),
      write: (pieces) => service.call('writeEdited', { ...this.opened, pieces }),
      commit: (written, pieces) => service.call('commitEdited', { ...this.opened, written, pieces }),
      copy: (to, pieces) => service.call('copyEdited', { ...this.opened, to, pieces }),
      changedOutside: () => service.call('changedOutside', this.opened),
      reload: (edits) => service.call('reloadEdited', { ...this.opened, edits }),
    };
  }

  private atRow<T>(row: number, work: (piece: Piece) => Promise<T>): Promise<T> {
    return this.edits.read((all) => {
      const [piece] = row < this.edits.count ? slice(all, row, 1) : [];
      if (!piece) throw new Error(`Row ${row + 1} does not exist.`);
      return work(piece);
    });
  }

  private amendBackup(): void {
    this.writeBackup().catch(() => undefined); // The step already has a backup, and the next write will try again.
  }

  private writeBackup(): Promise<void> {
    return (this.backedUp = this.backedUp
      .catch(() => undefined)
      .then(async () => {
        const { backupPath } = this;
        if (backupPath === null) return;
        await writeAtomically(backupPath, (out) => out.writeFile(JSON.stringify(this.edits.backup())));
      }));
  }

  private done(label: string): void {
    const { reading } = this;
    const move = async (redo: boolean) => {
      this.steps += redo ? 1 : -1;
      if (reading !== this.reading) {
        void vscode.window.showInformationMessage(
          `Cannot undo or redo "${label}" because ${nameOf(this.uri)} was reloaded.`,
        );
        return;
      }
      const row = await (redo ? this.edits.redo() : this.edits.undo());
      this.amendBackup(); // VS Code requests a backup one second after the key press, even if this step is not applied by then.
      this.tell(row === null ? null : this.within(row));
    };
    this.edited.fire({ label, undo: () => move(false), redo: () => move(true) });
    // The user has undone the saved step, and this step replaces it. VS Code would consider this step saved.
    if (this.saved > this.steps) this.differs.fire();
    this.steps += 1;
  }

  private wasReadAgain(): void {
    this.reading += 1;
    this.tell(null);
  }

  private within(row: number): number {
    return Math.min(row, this.edits.count - 1);
  }

  private tell(goTo: number | null, typing = false): void {
    this.version += 1;
    this.changed.fire(this.state(goTo, typing));
  }

  private refuseReadOnly(): void {
    if (this.readOnly) throw new Error(`Cannot edit ${nameOf(this.uri)} because it is read-only.`);
  }
}
