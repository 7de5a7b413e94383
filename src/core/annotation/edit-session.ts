import { EditLog } from './edit-log.ts';
import type { Hunk } from './merge.ts';
import type { Piece, Splice } from './row-list.ts';

/** A version of a file on the disk. */
export interface FileVersion {
  rows: number;
  /** Tells it from any other version. */
  version: string;
}

/** What was written for a save, under a name of its own. */
export interface WrittenFile extends FileVersion {
  temporary: string;
}

/** What somebody who knows nothing of a file's edits has to be told: they are made to `version`. */
export interface EditState {
  version: string;
  /** Goes up with every change of the rows. */
  number: number;
  pieces: readonly Piece[];
}

/** The file again, with edits put onto it. */
export interface ReloadedFile extends FileVersion {
  pieces: Piece[];
  /** The rows that the edits replace, and those above them. */
  known: [row: number, raw: string][];
  /** Edits without a place: those rows were changed in the file, too. */
  conflicts: Hunk[];
}

/**
 * The file behind a session: it reads and writes, and shows rows with their edits. It keeps nothing that cannot be told
 * again, and each call can be repeated: the second one finds what the first one did.
 */
export interface EditStore {
  /** Rows of the file as it was last read, with the white space around them. */
  rawRows(rows: readonly number[]): Promise<string[]>;
  /** Makes the change with this number, unless it was made. Not waited for. */
  apply(number: number, change: Splice): void;
  /** Writes the rows beside the file; null where another program has changed the file. */
  write(pieces: readonly Piece[]): Promise<WrittenFile | null>;
  /**
   * Puts what was written in the file's place, and goes on with it and these rows; false where another program has
   * changed the file: then what was written is gone.
   */
  commit(state: EditState, written: WrittenFile): Promise<boolean>;
  /** Writes the rows into another file. */
  copy(path: string, pieces: readonly Piece[]): Promise<void>;
  changedOutside(): Promise<boolean>;
  /** Reads the file anew, and puts edits onto it. */
  reload(number: number, edits: readonly Hunk[]): Promise<ReloadedFile>;
}

/** Edits that were not saved, kept for the case of a crash. They find their place again in a file that changed. */
export interface Backup {
  version: 1;
  edits: Hunk[];
}

/**
 * A file that is being edited: the owner of its edits, in front of a store that may fail. Every edit is recorded here
 * before the store hears of it. Calls are carried out in their order; edits go on while a save is being written.
 */
export class EditSession {
  private log: EditLog;
  private number = 0;
  private version: string;
  /** Edits wait for one another, and so do saves and readings, which take their time. */
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

  /** Whether the rows are others than those of the file as it was read or written last. */
  get isUnsaved(): boolean {
    return this.log.isEdited;
  }

  get state(): EditState {
    return { version: this.version, number: this.number, pieces: this.log.pieces };
  }

  /**
   * From row `at` on, `remove` rows become rows with these texts.
   * @param texts may be made from the rows as they stand when it is this edit's turn.
   * @param typing names the field that is typed into: the next edit with the same name becomes part of this step.
   * @returns whether it became part of the step before.
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

  /** Takes the last step back. @returns the row where it was; null when there is none. */
  undo(): Promise<number | null> {
    return this.inOrder(() => this.tell(this.log.undo()));
  }

  /** @returns the row where it was; null when nothing was taken back. */
  redo(): Promise<number | null> {
    return this.inOrder(() => this.tell(this.log.redo()));
  }

  /**
   * Writes the edits that were made so far, whole or not at all; they can still be undone.
   * @returns false where another program has changed the file: nothing was written, `merge` first.
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

  /** Writes a copy with the edits that were made so far; the file itself stays as it is. */
  copy(path: string): Promise<void> {
    return this.oneFile(async () => this.store.copy(path, await this.inOrder(() => this.log.pieces)));
  }

  /** The edits since the last save. */
  backup(): Backup {
    return { version: 1, edits: this.log.hunks() };
  }

  /**
   * Reads the file anew and puts edits onto it; what was done before cannot be undone any more.
   * @param edits by default those since the last save.
   * @returns the edits without a place, because those rows changed there too. They are left out.
   */
  reload(edits?: readonly Hunk[]): Promise<Hunk[]> {
    return this.oneFile(() => this.readAnew(edits));
  }

  /** `reload` where another program has written the file; else null. */
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
