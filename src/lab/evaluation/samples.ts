import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Sample } from '../../core/spatial/sample.ts';
import type { ViewId } from '../../core/spatial/views/list.ts';
import { inView } from '../../core/spatial/views/view.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { relocateImages } from '../datasets/relocate.ts';
import { BrokenRow, RowFile } from '../datasets/row-file.ts';

/** A row of a set in one view. */
export interface EvaluationSample {
  set: string;
  view: ViewId;
  id: string;
  sample: Sample;
  images: ImageFiles;
}

/**
 * All rows that an evaluation will ask, set by set, row by row, view by view.
 * @param leaveOut called for every broken row, which is left out; without it, the first one is thrown. @throws
 * BrokenRow
 * @param lacking called for every row that does not have a view
 */
export async function evaluationSamples(
  {
    sets,
    root,
    views,
    limit,
  }: {
    sets: Record<string, string>;
    root: string;
    views: readonly ViewId[];
    limit?: number | undefined;
  },
  leaveOut?: (why: BrokenRow) => void,
  lacking: (view: ViewId) => void = () => undefined,
): Promise<EvaluationSample[]> {
  const samples: EvaluationSample[] = [];
  for (const [set, path] of Object.entries(sets)) {
    const file = await RowFile.open(path);
    const images = new ImageFiles(root, root);
    for (let i = 0; i < Math.min(file.count, limit ?? Infinity); i++) {
      const read = await file.read(i).catch((error: unknown) => {
        if (!leaveOut || !(error instanceof BrokenRow)) throw error;
        leaveOut(error);
        return null;
      });
      if (!read) continue;
      const sample = relocateImages(read, dirname(path), root);
      for (const view of views) {
        const seen = inView(sample, view);
        if (seen) samples.push({ set, view, id: sample.id, sample: seen, images });
        else lacking(view);
      }
    }
    await file.close();
  }
  return samples;
}

/** The files of sets, for a manifest. */
export async function setFiles(
  sets: Record<string, string>,
): Promise<{ set: string; path: string; sha256: string; rows: number }[]> {
  const files = [];
  for (const [set, path] of Object.entries(sets)) {
    const hash = createHash('sha256');
    const file = await RowFile.open(path, hash);
    files.push({ set, path, sha256: hash.digest('hex'), rows: file.count });
    await file.close();
  }
  return files;
}
