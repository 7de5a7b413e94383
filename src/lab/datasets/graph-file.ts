import { createReadStream, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readGraph } from '../../core/spatial/scene-graph/read.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import { isRecord } from '../../core/json.ts';
import { DataError } from './data-error.ts';
import { jsonLines } from './qa-jsonl.ts';

/** `val/CLEVR_val_000000.png` and `CLEVR_val_000000` are the same picture. */
const stem = (path: string) => basename(path).replace(/\.\w+$/, '');

/**
 * Gives rows the scene graphs of a file, one a line as `chirality graph convert` writes them, by the name of the
 * picture: that of the graph is its `image_filename` (CLEVR), `image_id` (Visual Genome) or `id` (GQA). Rows without
 * such a graph stay as they are.
 * @throws DataError where the file is none, or a line of it no graph.
 */
export async function openGraphFile(path: string): Promise<(sample: Sample) => Sample> {
  if (!existsSync(path)) throw new DataError('no-file', 'No such file.', { file: path });
  const graphs = new Map<string, NonNullable<Sample['scene_graph']>>();
  for await (const { line, value } of jsonLines(createReadStream(path) as AsyncIterable<Buffer>)) {
    const { graph } = readGraph(value);
    const name = isRecord(value) ? (value.image_filename ?? value.image_id ?? value.id) : undefined;
    if (!graph || (typeof name !== 'string' && typeof name !== 'number')) {
      const fix = 'Write the file with `chirality graph convert`.';
      throw new DataError('no-graph', `Line ${line} is no graph of a picture.`, { file: path, fix });
    }
    graphs.set(stem(String(name)), graph);
  }
  return (sample) => {
    const [image] = sample.images;
    const named = typeof image === 'string' ? image : image?.path;
    const graph = named === undefined ? undefined : graphs.get(stem(named));
    return graph ? { ...sample, scene_graph: graph } : sample;
  };
}
