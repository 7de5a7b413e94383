import { isUnreadable, whyUnreadable } from '../files/disk-error.ts';
import { UntilChanged } from '../files/version.ts';
import { jsonLines, type JsonLine } from './containers/python-json.ts';
import type { FolderFile } from './foreign-files.ts';

/** Readers of images inside other files, by the image's name in `images`. */
export type Pictures = Map<string, () => Promise<Uint8Array>>;

/** @param problems list to which unreadable parts of the file are added, with file name and location */
type FileReader<T> = (file: FolderFile, problems: string[], pictures: Pictures) => Promise<T>;

/** Results that the reader of a program caches between two reads of a folder. */
export class Kept {
  readonly pictures: Pictures = new Map();
  private readonly files = new Map<unknown, UntilChanged<{ value: unknown; problems: string[] }>>();
  private readonly made = new Map<unknown, unknown>();

  /** Returns the result of reading a file. Reads the file again only if it has changed. */
  async of<T>(read: FileReader<T>, file: FolderFile): Promise<{ value: T; problems: readonly string[] }> {
    if (!this.files.has(read)) this.files.set(read, new UntilChanged());
    const learnt = await this.files.get(read)!.of(file.full, file.version, async () => {
      const problems: string[] = [];
      return { value: await read(file, problems, this.pictures), problems };
    });
    return learnt as { value: T; problems: string[] };
  }

  /** Returns a cached reader object, which can continue to read files where it stopped. */
  one<T>(Made: new () => T): T {
    if (!this.made.has(Made)) this.made.set(Made, new Made());
    return this.made.get(Made) as T;
  }
}

/** Files of a run at a point in time, for the reader of a program. */
export class RunFolder {
  /** Unreadable parts of the run, with file and location. */
  readonly problems: string[] = [];

  /** @param unread list to which reasons are added why files that could identify the program are unreadable */
  constructor(
    /** The run's folder, or the path that stands for a run in a database. */
    readonly dir: string,
    readonly files: readonly FolderFile[],
    readonly unread: string[],
    readonly kept: Kept,
  ) {}

  /** Readers of images inside other files, by name. Filled while rows are read. */
  get pictures(): Pictures {
    return this.kept.pictures;
  }

  named(name: string): FolderFile | undefined {
    return this.files.find(({ path }) => path === name);
  }

  matching(pattern: RegExp): FolderFile[] {
    return this.files.filter(({ path }) => pattern.test(path));
  }

  /** Reads a file. Reads the file again only if it has changed. @throws the errors of `read` */
  async of<T>(read: FileReader<T>, file: FolderFile): Promise<T> {
    const { value, problems } = await this.kept.of(read, file);
    this.problems.push(...problems);
    return value;
  }

  /** Reads a file. Null if the file is missing or has another form. @param unread receives the reason if unreadable */
  async tried<T>(read: FileReader<T>, file: FolderFile | undefined, unread = this.unread): Promise<T | null> {
    if (!file) return null;
    return this.of(read, file).catch((error: unknown) => {
      if (isUnreadable(error)) unread.push(`${file.path}: ${whyUnreadable(error)}`);
      return null;
    });
  }

  /** Reads a file. If the file is unreadable, adds a problem and returns null. */
  async orProblem<T>(read: FileReader<T>, file: FolderFile): Promise<T | null> {
    return this.of(read, file).catch((error: Error) => {
      this.problems.push(`Cannot read ${file.path}: ${error.message}`);
      return null;
    });
  }

  lines(file: FolderFile): Promise<JsonLine[]> {
    return this.of(jsonLines, file);
  }
}
