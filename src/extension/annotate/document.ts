import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Put } from '../../core/annotation/edit-json.ts';
import { EditSession, type Backup, type EditStore } from '../../core/annotation/edit-session.ts';
import type { Hunk } from '../../core/annotation/merge.ts';
import type { AnnotateState } from '../../core/protocol/annotate.ts';
import { RemoteError } from '../../core/protocol/channel.ts';
import { newToken, writeAtomically } from '../../lab/files/atomic.ts';
import { nameOf } from '../data-files.ts';
import type { Service } from '../service-client.ts';

/** A change that VS Code's undo stack holds; `label` is what its menu calls it. */
export interface Change {
  label: string;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

type EditingService = Pick<Service, 'call' | 'callOnce' | 'onStart'>;

/** The service's numbers of files. */
let files = 0;

/**
 * A data file in an editor of its own, and the owner of its edits. The service reads and writes the file; when its
 * thread dies, it is told all edits anew. The undo stack is VS Code's.
 */
export class AnnotatedDocument implements vscode.CustomDocument {
  private readonly edited = new vscode.EventEmitter<Change>();
  readonly onDidEdit = this.edited.event;
  private readonly changed = new vscode.EventEmitter<AnnotateState>();
  /** The rows are others now, whatever the reason. */
  readonly onDidChange = this.changed.event;

  /** The file's number in calls to the service. */
  readonly file = files++;
  private readonly token = newToken();
  private edits!: EditSession;
  private readOnly!: boolean;
  private forget: () => void = () => undefined;
  private version = 0;
  private filter: AnnotateState['filter'] = null;
  /** Goes up when the file is read anew: what was done before cannot be undone any more. */
  private reading = 0;
  /** Where VS Code wants the edits that are not saved, and the last writing there. */
  private backupPath: string | null = null;
  private backedUp: Promise<void> = Promise.resolve();

  private constructor(
    readonly uri: vscode.Uri,
    private readonly service: EditingService,
  ) {}

  /** @param backup edits of a former life. Those without a place are told as `lost`. */
  static async open(
    uri: vscode.Uri,
    readOnly: boolean,
    service: EditingService,
    backup: Backup | null,
  ): Promise<{ document: AnnotatedDocument; lost: Hunk[] }> {
    const document = new AnnotatedDocument(uri, service);
    const { writable, ...version } = await service.call('openEdited', {
      ...document.opening,
      state: null,
    });
    document.readOnly = readOnly || !writable;
    document.edits = new EditSession(document.store, version);
    document.forget = service.onStart(() => document.openAgain());
    return { document, lost: backup ? await document.edits.reload(backup.edits) : [] };
  }

  state(goTo: number | null = null, typing = false): AnnotateState {
    const { uri, version, readOnly, filter } = this;
    const rows = this.edits.count;
    return { name: nameOf(uri), uri: uri.toString(), rows, version, goTo, typing, readOnly, filter };
  }

  /** Lists the rows that a filter keeps. */
  list(filter: string): void {
    this.filter = { text: filter, asked: (this.filter?.asked ?? 0) + 1 };
    this.tell(null);
  }

  async put({
    row,
    id,
    puts,
    label,
    typing,
  }: {
    row: number;
    id: string;
    puts: Put[];
    label: string;
    typing: boolean;
  }): Promise<void> {
    this.refuseReadOnly();
    const field = typing ? JSON.stringify([row, puts.map(({ path }) => path)]) : null;
    const text = () => this.service.call('withFields', { file: this.file, row, id, puts });
    const amended = await this.edits.edit(row, 1, async () => [await text()], field);
    if (amended) this.amendBackup();
    else this.done(label);
    this.tell(null, typing);
  }

  async splice(at: number, remove: number, texts: string[], label: string): Promise<void> {
    this.refuseReadOnly();
    await this.edits.edit(at, remove, texts);
    this.done(label);
    this.tell(this.within(at));
  }

  save(): Promise<void> {
    return this.edits.save();
  }

  /** Writes a copy; the file itself stays as it is, with its edits. */
  copy(path: string): Promise<void> {
    return this.edits.copy(path);
  }

  /** Takes all edits back that are not saved. */
  async revert(): Promise<void> {
    await this.edits.reload([]);
    this.wasReadAnew();
  }

  /** Puts the edits onto what another program has written. @returns those that have no place any more. */
  async merge(): Promise<Hunk[]> {
    const lost = await this.edits.merge();
    if (lost) this.wasReadAnew();
    return lost ?? [];
  }

  /** Writes the edits that are not saved, and again when typing goes on: VS Code asks only once for each step. */
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
    this.forget();
    this.edited.dispose();
    this.changed.dispose();
    void this.service.call('closeEdited', { file: this.file }).catch(() => undefined);
  }

  private get store(): EditStore {
    const { service, file } = this;
    return {
      rawRows: (rows) => service.call('rawRows', { file, rows }),
      apply: (number, change) =>
        service.callOnce('applyEdit', { file, number, change }).catch((error) => {
          // A thread that stopped is no matter: the next one is told all edits when it starts.
          if (error instanceof RemoteError) this.openAgain();
        }),
      write: (pieces) => service.call('writeEdited', { file, pieces }),
      commit: (state, written) => service.call('commitEdited', { file, state, written }),
      copy: (path, pieces) => service.call('copyEdited', { file, path, pieces }),
      changedOutside: () => service.call('changedOutside', { file }),
      reload: (number, edits) => service.call('reloadEdited', { file, number, edits }),
    };
  }

  private get opening() {
    return { file: this.file, path: this.uri.fsPath, token: this.token };
  }

  /** Tells the service all edits; where it cannot read the file now, it tries again with the next call. */
  private openAgain(): void {
    const { state } = this.edits;
    this.service.callOnce('openEdited', { ...this.opening, state }).catch(() => undefined);
  }

  private amendBackup(): void {
    this.writeBackup().catch(() => undefined); // the step's first backup is there, and the next will be tried
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
      if (reading !== this.reading) {
        void vscode.window.showInformationMessage(
          `"${label}" was done before ${nameOf(this.uri)} was read anew; it cannot be undone or redone.`,
        );
        return;
      }
      const at = await (redo ? this.edits.redo() : this.edits.undo());
      this.tell(at === null ? null : this.within(at));
    };
    this.edited.fire({ label, undo: () => move(false), redo: () => move(true) });
  }

  private wasReadAnew(): void {
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
    if (this.readOnly) throw new Error(`${nameOf(this.uri)} can only be read here.`);
  }
}
