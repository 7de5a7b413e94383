import { EditLog } from './edit-log.ts';
import type { Hunk } from './merge.ts';
import type { Piece, Splice } from './row-list.ts';

/** A version of a file on the disk. */
export interface FileVersion {
  rows: number;
  /** Differs between any two versions of the file. */
  version: string;
}

/** What a save wrote to a temporary file. */
export interface WrittenFile extends FileVersion {
  temporary: string;
}

/** The edits of a file in full: `pieces` refers to rows of the file's `version`. */
export interface EditState {
  version: string;
  /** Increases with every change of the rows. */
  number: number;
  pieces: readonly Piece[];
}

/** A file read again, with edits applied to it. */
export interface ReloadedFile extends FileVersion {
  pieces: Piece[];
  /** The rows that the edits replace, and the rows above them. */
  known: [row: number, raw: string][];
  /** Edits that could not be placed because the file changed in those rows, too. */
  conflicts: Hunk[];
}

/**
 * The file behind a session: reads it, writes it, and shows its rows with their edits. The session can restore all of a
 * store's state, and every call can be repeated: a second one finds what the first one did.
 */
export interface EditStore {
  /** Returns rows of the file as last read, with the white space around them. */
  rawRows(rows: readonly number[]): Promise<string[]>;
  /** Applies the change with this number, unless it already has been. The session does not wait for it. */
  apply(number: number, change: Splice): void;
  /** Writes the rows to a temporary file beside the file; null if another program has changed the file. */
  write(pieces: readonly Piece[]): Promise<WrittenFile | null>;
  /**
   * Replaces the file with what was written, and continues with the given state. Returns false, and deletes what was
   * written, if another program has changed the file.
   */
  commit(state: EditState, written: WrittenFile): Promise<boolean>;
  /** Writes the rows to another file. */
  copy(path: string, pieces: readonly Piece[]): Promise<void>;
  changedOutside(): Promise<boolean>;
  /** Reads the file again and applies the edits to it. */
  reload(number: number, edits: readonly Hunk[]): Promise<ReloadedFile>;
}

/** Unsaved edits, kept in case of a crash. They can be placed again in a file that has changed. */
export interface Backup {
  version: 1;
  edits: Hunk[];
}

/**
 * A file that is being edited. Owns its edits and works with a store that may fail: every edit is recorded here before
 * it is sent to the store. Calls run in order, but edits can go on while a save is being written.
 */
export class EditSession {
  private log: EditLog;
  private number = 0;
  private version: string;
  /** Ends of two queues: edits wait for one another; so do saves and reloads, which take longer. */
  private lastEdit: Promise<unknown> = Promise.resolve();
  private lastFile: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: EditStore,
    { rows, version }: FileVersion,
  ) {
    this.log = EditLog.of(rows);
    this.version = version;
  }

  get count(): number {
    return this.log.count;
  }

  /** True if there are edits since the file was last read or saved. */
  get isUnsaved(): boolean {
    return this.log.isEdited;
  }

  get state(): EditState {
    return { version: this.version, number: this.number, pieces: this.log.pieces };
  }

  /**
   * Replaces `remove` rows starting at `at` with `texts`.
   * @param texts or a function that returns them, called when it is this edit's turn, so that it sees the rows as they
   * are then.
   * @param typing the field being typed into: the next edit with the same name joins this step.
   * @returns whether this edit joined the previous step.
   */
  edit(
    at: number,
    remove: number,
    texts: readonly string[] | (() => Promise<readonly string[]>),
    typing: string | null = null,
  ): Promise<boolean> {
    return this.inOrder(async () => {
      const rows = typeof texts === 'function' ? await texts() : texts;
      const missing = this.log.missing(at, remove);
      if (missing.length > 0) this.log.learn(missing, await this.store.rawRows(missing));
      const { change, amended } = this.log.edit(at, remove, rows, typing);
      this.tell(change);
      return amended;
    });
  }

  /** Undoes the last step. @returns the row where it was; null if there is nothing to undo. */
  undo(): Promise<number | null> {
    return this.inOrder(() => this.tell(this.log.undo()));
  }

  /** @returns the row where the step was; null if there is nothing to redo. */
  redo(): Promise<number | null> {
    return this.inOrder(() => this.tell(this.log.redo()));
  }

  /**
   * Saves the edits made so far, all or none of them; they can still be undone.
   * @returns false if another program has changed the file: nothing was written, so call `merge` first.
   */
  save(): Promise<boolean> {
    return this.oneFile(async () => {
      const pieces = await this.inOrder(() => this.log.startSave());
      const written = await this.store.write(pieces);
      if (!written) return false;
      return this.inOrder(async () => {
        const log = this.log.afterSave(pieces);
        const state = { version: written.version, number: this.number + 1, pieces: log.pieces };
        if (!(await this.store.commit(state, written))) return false;
        this.log = log;
        ({ version: this.version, number: this.number } = state);
        return true;
      });
    });
  }

  /** Writes a copy with the edits made so far; the file itself stays as it is. */
  copy(path: string): Promise<void> {
    return this.oneFile(async () => this.store.copy(path, await this.inOrder(() => this.log.pieces)));
  }

  /** The edits since the last save. */
  backup(): Backup {
    return { version: 1, edits: this.log.hunks() };
  }

  /**
   * Reads the file again and applies edits to it; earlier steps can no longer be undone.
   * @param edits by default those since the last save.
   * @returns the edits that could not be placed because the file changed in those rows, too. They are left out.
   */
  reload(edits?: readonly Hunk[]): Promise<Hunk[]> {
    return this.oneFile(() => this.readAnew(edits));
  }

  /** Calls `reload` if another program has changed the file; else returns null. */
  merge(): Promise<Hunk[] | null> {
    return this.oneFile(async () => ((await this.store.changedOutside()) ? this.readAnew() : null));
  }

  private readAnew(edits?: readonly Hunk[]): Promise<Hunk[]> {
    return this.inOrder(async () => {
      const number = this.number + 1;
      const { rows, version, pieces, known, conflicts } = await this.store.reload(
        number,
        edits ?? this.log.hunks(),
      );
      this.log = EditLog.of(rows, pieces, known);
      this.version = version;
      this.number = number;
      return conflicts;
    });
  }

  private tell(change: Splice | null): number | null {
    if (change) this.store.apply(++this.number, change);
    return change?.at ?? null;
  }

  private inOrder<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.lastEdit.then(work);
    this.lastEdit = result.catch(() => undefined);
    return result;
  }

  private oneFile<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lastFile.then(work);
    this.lastFile = result.catch(() => undefined);
    return result;
  }
}
