import type { FileHandle } from 'node:fs/promises';
import { isRecord } from '../../core/json.ts';
import { writeAtomically } from '../files/atomic.ts';
import { openToAppend, readText } from '../files/regular.ts';

/** Appends JSON lines to a file. A crash can leave at most a partial last line, which readers hold back. */
export class LineWriter {
  private constructor(
    private readonly file: FileHandle,
    /** Bytes of whole lines. */
    private size: number,
  ) {}

  static async open(path: string): Promise<LineWriter> {
    const file = await openToAppend(path);
    return new LineWriter(file, (await file.stat()).size);
  }

  /** One object, one line. A line that could not be written whole (a full disk) is taken back. */
  async append(row: object): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(row, finite)}\n`);
    try {
      await this.file.appendFile(line);
      this.size += line.length;
    } catch (error) {
      await this.file.truncate(this.size).catch(() => undefined);
      throw error;
    }
  }

  /** Waits until everything is on the disk. */
  async sync(): Promise<void> {
    await this.file.sync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** JSON has no NaN and no infinity: they become null, so that every line stays readable. */
const finite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

/** Keeps the lines for which `keep` holds and drops what a crash left: a partial line, or one that is no object. The file may be missing. */
export async function filterLines(
  path: string,
  keep: (row: Record<string, unknown>) => boolean,
): Promise<void> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = complete.split('\n').filter((line) => {
    const row = parseRow(line);
    return row !== null && keep(row);
  });
  const kept = lines.map((line) => `${line}\n`).join('');
  if (kept !== text) await writeAtomically(path, (file) => file.writeFile(kept));
}

function parseRow(line: string): Record<string, unknown> | null {
  try {
    const row: unknown = JSON.parse(line);
    return isRecord(row) ? row : null;
  } catch {
    return null;
  }
}
