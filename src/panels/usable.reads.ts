import type { Call } from '../base/call.ts';
import { DepthRange } from '../base/depth-range.ts';
import type { UsableRows } from '../base/row-faults.ts';
import { EncodedText } from '../lab/datasets/encoding.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { usableRows, writeUsable } from '../lab/datasets/usable-rows.ts';
import type { ImageFolders } from './data-rows.reads.ts';

/** Calls that check data files before their use, and that write corrected copies. */
export const usableService = {
  /** Returns the faults of a file's rows. Reports progress from 0 to 1. @throws the signal's reason */
  usableRows: (
    { path, place }: { path: string; place: ImageFolders },
    call: Call<number>,
  ): Promise<UsableRows> => usableRows(path, place, call),
  /** Writes the usable rows to another file. @returns the number of written rows */
  writeUsable: ({ path, place, to }: { path: string; place: ImageFolders; to: string }): Promise<number> =>
    writeUsable(path, place, to),
  /** Stores the depth range of a folder's 16-bit images. @throws for text that is no range */
  storeDepth: async ({ folder, text }: { folder: string; text: string }): Promise<void> => {
    const range = DepthRange.parse(text);
    if (!range) throw new Error(`“${text}” is not a depth range.`);
    await ImageFiles.storeDepthIn(folder, range);
  },
  encodingOf: ({ path }: { path: string }): Promise<string> => new EncodedText(path).encoding(),
  wordsIn: ({ path, encodings }: { path: string; encodings: readonly string[] }): Promise<string[]> =>
    new EncodedText(path).wordsIn(encodings),
  writeInUtf8: ({ path, encoding, to }: { path: string; encoding: string; to: string }): Promise<void> =>
    new EncodedText(path).writeInUtf8(encoding, to),
};
