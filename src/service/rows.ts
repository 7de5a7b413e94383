import { stat } from 'node:fs/promises';
import { RowFile } from '../lab/datasets/row-file.ts';

/** A row that was asked for by its line; `lines` is that of the last row. */
export interface FoundRow {
  line: number;
  lines: number;
  text: string;
}

/** The rows of the file that was read last, indexed anew when the file has changed. */
export class Rows {
  private current: { path: string; version: string; file: Promise<RowFile> } | null = null;

  async find({ path, line, by }: { path: string; line: number; by: number }): Promise<FoundRow | null> {
    const file = await this.open(path);
    if (file.count === 0) return null;
    const last = file.count - 1;
    const index = Math.max(0, Math.min(Math.min(file.indexAt(line), last) + by, last));
    return { line: file.line(index), lines: file.line(last), text: await file.text(index) };
  }

  private async open(path: string): Promise<RowFile> {
    const { mtimeMs, size } = await stat(path);
    const version = `${mtimeMs} ${size}`;
    if (this.current?.path !== path || this.current.version !== version) {
      await this.current?.file.then((file) => file.close()).catch(() => undefined);
      this.current = { path, version, file: RowFile.open(path) };
    }
    return this.current.file;
  }
}
