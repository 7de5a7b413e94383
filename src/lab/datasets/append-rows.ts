import { ChangedOutside, EditedFile } from './edited-file.ts';

/**
 * Adds rows at the end of a `*.qa.jsonl` file, which is made where there is none: whole or not at all, and again where
 * another program has written the file meanwhile.
 * @returns the line on which the last one stands, from 1.
 */
export async function appendRows(path: string, rows: readonly string[]): Promise<number> {
  for (;;) {
    const { file, edits } = await EditedFile.edit(path, { orNew: true });
    try {
      await edits.edit(edits.count, 0, rows);
      if (await edits.save()) return file.line(file.count - 1);
    } catch (error) {
      if (!(error instanceof ChangedOutside)) throw error;
    } finally {
      await file.close();
    }
  }
}
