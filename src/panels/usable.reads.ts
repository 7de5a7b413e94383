import type { Call } from '../base/call.ts';
import type { UsableRows } from '../base/row-faults.ts';
import { EncodedText } from '../lab/datasets/encoding.ts';
import { usableRows, writeUsable } from '../lab/datasets/usable-rows.ts';
import type { ImageFolders } from './data-rows.reads.ts';

/** What the service does before work with data files, and to mend them. */
export const usableService = {
  /** Which rows of a file can be used. Reports progress as a share, 0–1. @throws the signal's reason */
  usableRows: (
    { path, place }: { path: string; place: ImageFolders },
    call: Call<number>,
  ): Promise<UsableRows> => usableRows(path, place, call),
  /** Writes the rows that can be used to another file. @returns how many */
  writeUsable: ({ path, place, to }: { path: string; place: ImageFolders; to: string }): Promise<number> =>
    writeUsable(path, place, to),
  encodingOf: ({ path }: { path: string }): Promise<string> => new EncodedText(path).encoding(),
  wordsIn: ({ path, encodings }: { path: string; encodings: readonly string[] }): Promise<string[]> =>
    new EncodedText(path).wordsIn(encodings),
  writeInUtf8: ({ path, encoding, to }: { path: string; encoding: string; to: string }): Promise<void> =>
    new EncodedText(path).writeInUtf8(encoding, to),
};
