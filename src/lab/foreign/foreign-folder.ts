import { isUnreadable, whyUnreadable } from '../files/disk-error.ts';
import { UntilChanged } from '../files/version.ts';
import { jsonLines, type JsonLine } from './containers/python-json.ts';
import type { FolderFile } from './foreign-files.ts';

/** Images that lie inside other files, by their names in `images`. */
export type Pictures = Map<string, () => Promise<Uint8Array>>;

/** @param problems takes what cannot be read, with file and place */
type FileReader<T> = (file: FolderFile, problems: string[], pictures: Pictures) => Promise<T>;

/** What a program's reader keeps of a folder between its looks. */
export class Kept {
  readonly pictures: Pictures = new Map();
  private readonly files = new Map<unknown, UntilChanged<{ value: unknown; problems: string[] }>>();
  private readonly made = new Map<unknown, unknown>();

  /** What was read from a file in some way, which is read again only when it has changed. */
  async of<T>(read: FileReader<T>, file: FolderFile): Promise<{ value: T; problems: readonly string[] }> {
    if (!this.files.has(read)) this.files.set(read, new UntilChanged());
    const learnt = await this.files.get(read)!.of(file.full, file.version, async () => {
      const problems: string[] = [];
      return { value: await read(file, problems, this.pictures), problems };
    });
    return learnt as { value: T; problems: string[] };
  }

  one<T>(Made: new () => T): T {
    if (!this.made.has(Made)) this.made.set(Made, new Made());
    return this.made.get(Made) as T;
  }
}

/** The files of a run at one look, for the reader of a program. */
export class RunFolder {
  /** What could not be read, with file and place. */
  readonly problems: string[] = [];

  /** @param unread takes why a file cannot be read that would tell whose folder it is */
  constructor(
    /** The folder, or what stands for a run in a database. */
    readonly dir: string,
    readonly files: readonly FolderFile[],
    readonly unread: string[],
    private readonly kept: Kept,
  ) {}

  /** Images inside other files, by their names; filled as rows are read. */
  get pictures(): Pictures {
    return this.kept.pictures;
  }

  named(name: string): FolderFile | undefined {
    return this.files.find(({ path }) => path === name);
  }

  matching(pattern: RegExp): FolderFile[] {
    return this.files.filter(({ path }) => pattern.test(path));
  }

  /** What is read from a file, again only when it has changed. @throws what `read` throws */
  async of<T>(read: FileReader<T>, file: FolderFile): Promise<T> {
    const { value, problems } = await this.kept.of(read, file);
    this.problems.push(...problems);
    return value;
  }

  /** Null for a file that is not there or not what it is tried as. @param unread takes why it cannot be read */
  async tried<T>(read: FileReader<T>, file: FolderFile | undefined, unread = this.unread): Promise<T | null> {
    if (!file) return null;
    return this.of(read, file).catch((error: unknown) => {
      if (isUnreadable(error)) unread.push(`${file.path}: ${whyUnreadable(error)}`);
      return null;
    });
  }

  /** Null for a file that cannot be read, which is a problem. */
  async orProblem<T>(read: FileReader<T>, file: FolderFile): Promise<T | null> {
    return this.of(read, file).catch((error: Error) => {
      this.problems.push(`Cannot read ${file.path}: ${error.message}`);
      return null;
    });
  }

  lines(file: FolderFile): Promise<JsonLine[]> {
    return this.of(jsonLines, file);
  }

  /** What reads files on from where the last look stopped. */
  one<T>(Made: new () => T): T {
    return this.kept.one(Made);
  }
}
