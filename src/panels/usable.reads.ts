import type { Call } from '../base/call.ts';
import { DepthRange } from '../base/depth-range.ts';
import { RecentMap } from '../base/recent-map.ts';
import type { UsableRows } from '../base/row-faults.ts';
import { EncodedText } from '../lab/datasets/encoding.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { usableRows, writeMended } from '../lab/datasets/usable-rows.ts';
import { versionAt } from '../lab/files/version.ts';
import type { ImageFolders } from './data-rows.reads.ts';

/** Last checks that found no fault, by file and image folders, with the version of the file. */
const sound = new RecentMap<string, { version: string; usable: UsableRows }>(100);

export interface RowsToCheck {
  path: string;
  place: ImageFolders;
  /** Whether an earlier check without faults is enough if the file is unchanged. A run checks its images again. */
  reuse?: boolean;
}

/** Calls that check data files before their use, and that write corrected copies. */
export const usableService = {
  /** Returns the faults of a file's rows. Reports progress from 0 to 1. @throws the signal's reason */
  usableRows: async (
    { path, place, reuse = false }: RowsToCheck,
    call: Call<number>,
  ): Promise<UsableRows> => {
    const key = JSON.stringify([path, place.folder, place.root]);
    const version = await versionAt(path);
    const earlier = sound.get(key);
    // The first row shows whether the folder of images was moved or deleted.
    const isSound = async () => (await usableRows(path, place, { ...call, limit: 1 })).faults.length === 0;
    if (reuse && earlier?.version === version && (await isSound())) return earlier.usable;
    const usable = await usableRows(path, place, call);
    if (usable.faults.length === 0) sound.set(key, { version, usable });
    return usable;
  },
  /** Writes the usable rows to another file; with a folder of `images`, all rows. @returns the number of written rows */
  writeMended: (args: { path: string; place: ImageFolders; to: string; images?: string }): Promise<number> =>
    writeMended(args.path, args.place, args.to, args.images),
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
