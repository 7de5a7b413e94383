import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { mirrorGraph } from '../../core/spatial/mirror/graph.ts';
import { flipPolarity } from '../../core/spatial/polarity/flip.ts';
import { declaredSize, type Sample } from '../../core/spatial/sample.ts';
import { graphOf } from '../../core/spatial/scene-graph/read.ts';
import { withVariant } from '../../core/spatial/view.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { relocateImages } from '../datasets/relocate.ts';
import { RowFile } from '../datasets/row-file.ts';
import { mirrored } from './source.ts';

/** `polarity`: the question turned into its opposite, about the same picture. */
export type EvaluatedView = 'original' | 'mirror' | 'polarity';

/** A row of a set as one view shows it. */
export interface EvaluationForm {
  set: string;
  view: EvaluatedView;
  id: string;
  sample: Sample;
  images: ImageFiles;
}

/** All rows that an evaluation will ask, set by set, row by row, view by view. */
export async function evaluationForms({
  sets,
  root,
  views,
  limit,
}: {
  sets: Record<string, string>;
  root: string;
  views: readonly EvaluatedView[];
  limit?: number | undefined;
}): Promise<EvaluationForm[]> {
  const forms: EvaluationForm[] = [];
  for (const [set, path] of Object.entries(sets)) {
    const file = await RowFile.open(path);
    const images = new ImageFiles(root, root);
    for (let i = 0; i < Math.min(file.count, limit ?? Infinity); i++) {
      const sample = relocateImages(await file.read(i), dirname(path), root);
      for (const view of views) {
        const form = formOf(sample, view);
        if (form) forms.push({ set, view, id: sample.id, sample: form, images });
      }
    }
    await file.close();
  }
  return forms;
}

/** The files of sets, as a manifest names them. */
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

/** Stored variants first, else those of the rules; null where a row has no form that can be trusted. */
export function formOf(sample: Sample, view: EvaluatedView): Sample | null {
  if (view === 'mirror') return withOwnGraph(mirrored(sample), sample);
  if (view === 'original') return sample;
  const polarity = sample.variants?.polarity ?? flipPolarity(sample);
  return withVariant({ ...sample, variants: { polarity } }, 'polarity');
}

/** A stored mirror may lack the graph: that of the original would be wrong in it. */
function withOwnGraph(mirror: Sample | null, original: Sample): Sample | null {
  if (!mirror?.scene_graph || mirror.scene_graph !== original.scene_graph) return mirror;
  const rest = { ...mirror };
  delete rest.scene_graph;
  const graph = graphOf(original);
  try {
    return graph ? { ...rest, scene_graph: mirrorGraph(graph, declaredSize(original.images[0])) } : rest;
  } catch (error) {
    if (error instanceof RangeError) return rest; // coordinates in pixels, and no width
    throw error;
  }
}
