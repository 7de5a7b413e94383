import * as vscode from 'vscode';
import type { Hunk } from '../../core/annotation/merge.ts';
import type { Put } from '../../core/annotation/edit-json.ts';
import type { AnnotateState } from '../../core/protocol/annotate.ts';
import { nameOf } from '../data-files.ts';
import type { Service } from '../service-client.ts';

/** A change that VS Code's undo stack holds; `label` is what its menu calls it. */
export interface Change {
  label: string;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

/** A data file in an editor of its own. Its rows and edits are held by the service; the undo stack is VS Code's. */
export class AnnotatedDocument implements vscode.CustomDocument {
  private readonly edited = new vscode.EventEmitter<Change>();
  readonly onDidEdit = this.edited.event;
  private readonly changed = new vscode.EventEmitter<AnnotateState>();
  /** The rows are others now, whatever the reason. */
  readonly onDidChange = this.changed.event;

  private version = 0;
  private filter: AnnotateState['filter'] = null;
  /** Goes up when the file is read anew: what was done before cannot be undone any more. */
  private reading = 0;

  private constructor(
    readonly uri: vscode.Uri,
    readonly readOnly: boolean,
    private readonly service: Service,
    readonly file: number,
    private rows: number,
  ) {}

  /** @param backup edits of a former life. Those without a place are told as `lost`. */
  static async open(
    uri: vscode.Uri,
    readOnly: boolean,
    service: Service,
    backup: string | null,
  ): Promise<{ document: AnnotatedDocument; lost: Hunk[] }> {
    const { file, rows, lost, writable } = await service.call('openEdited', { path: uri.fsPath, backup });
    return { document: new AnnotatedDocument(uri, readOnly || !writable, service, file, rows), lost };
  }

  state(goTo: number | null = null, typing = false): AnnotateState {
    const { uri, rows, version, readOnly, filter } = this;
    return { name: nameOf(uri), uri: uri.toString(), rows, version, goTo, typing, readOnly, filter };
  }

  /** Lists the rows that a filter keeps. */
  list(filter: string): void {
    this.filter = { text: filter, asked: (this.filter?.asked ?? 0) + 1 };
    this.tell(null);
  }

  async put({
    label,
    ...edit
  }: {
    row: number;
    id: string;
    puts: Put[];
    label: string;
    typing: boolean;
  }): Promise<void> {
    this.refuseReadOnly();
    const { amended } = await this.service.call('putFields', { file: this.file, ...edit });
    if (!amended) this.done(label);
    this.tell(null, edit.typing);
  }

  async splice(at: number, remove: number, texts: string[], label: string): Promise<void> {
    this.refuseReadOnly();
    const { rows } = await this.service.call('editRows', { file: this.file, at, remove, texts });
    this.rows = rows;
    this.done(label);
    this.tell(Math.min(at, rows - 1));
  }

  /** Reads the file anew. @returns the edits that have no place any more. */
  async reload(keepEdits: boolean): Promise<Hunk[]> {
    const { rows, lost } = await this.service.call('reloadEdited', { file: this.file, keepEdits });
    this.rows = rows;
    this.reading += 1;
    this.tell(null);
    return lost;
  }

  dispose(): void {
    this.edited.dispose();
    this.changed.dispose();
    void this.service.call('closeEdited', { file: this.file }).catch(() => undefined);
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
      const { rows, at } = await this.service.call('undoEdit', { file: this.file, redo });
      this.rows = rows;
      this.tell(at === null ? null : Math.min(at, rows - 1));
    };
    this.edited.fire({ label, undo: () => move(false), redo: () => move(true) });
  }

  private tell(goTo: number | null, typing = false): void {
    this.version += 1;
    this.changed.fire(this.state(goTo, typing));
  }

  private refuseReadOnly(): void {
    if (this.readOnly) throw new Error(`${nameOf(this.uri)} can only be read here.`);
  }
}
