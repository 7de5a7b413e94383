import { isRecord } from '../../base/json.ts';
import type { Problem } from '../../base/problem.ts';
import { beginning } from './encoding.ts';
import { jsonElements } from './json-elements.ts';
import { parseJson } from './parse-json.ts';
import { jsonLines } from './rows.ts';
import { basename } from 'node:path';
import { readGraph } from '../../rows/scene-graph/read-graph.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { cannotRead, DataError } from './data-error.ts';
import { streamFile } from '../files/regular.ts';

/** One graph of another program's file, with id and line if the file contains them. */
interface ForeignGraph {
  id?: string;
  line?: number;
  value?: unknown;
  problem?: Problem;
}

/**
 * Reads graphs in the format of their dataset: one graph per line, a list (Visual Genome), `{scenes: […]}` (CLEVR), a
 * map from image to graph (GQA), or a single graph. Only lines and lists are read in parts.
 */
export async function* foreignGraphs(stream: AsyncIterable<Buffer>): AsyncGenerator<ForeignGraph> {
  const head: Buffer[] = [];
  const all = await beginning(stream, (chunk) => head.push(chunk) > 16 || chunk.includes(0x0a));
  const start = Buffer.concat(head)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start.startsWith('[')) {
    yield* jsonElements(all);
    return;
  }
  const line = start.indexOf('\n');
  if (line > 0 && start.slice(line).trim() !== '' && parseJson(start.slice(0, line)).value !== undefined) {
    yield* jsonLines(all);
    return;
  }
  const parts: Buffer[] = [];
  for await (const chunk of all) parts.push(chunk);
  const { value, problem } = parseJson(Buffer.concat(parts).toString('utf8'));
  if (value === undefined) yield { ...(problem && { problem }) };
  else yield* graphsIn(value);
}

function* graphsIn(value: unknown): Generator<ForeignGraph> {
  if (isRecord(value) && Array.isArray(value.scenes)) {
    for (const scene of value.scenes as unknown[]) yield { value: scene };
  } else if (isRecord(value) && !('objects' in value) && Object.values(value).every(isRecord)) {
    for (const [id, graph] of Object.entries(value)) yield { id, value: graph };
  } else yield { value };
}

/** `val/CLEVR_val_000000.png` and `CLEVR_val_000000` are the same image. */
const stem = (path: string) => basename(path).replace(/\.\w+$/, '');

/**
 * Reads a file of scene graphs, one per line, as `chirality graph convert` writes them. Returns a function that adds
 * the graph to a row by the name of the row's image: `image_filename` (CLEVR), `image_id` (Visual Genome) or `id`
 * (GQA). Rows without a graph stay unchanged.
 * @throws DataError if the file cannot be read, or a line is not a graph.
 */
export async function openGraphFile(path: string): Promise<(sample: Sample) => Sample> {
  const stream = await streamFile(path).catch(cannotRead(path));
  const graphs = new Map<string, NonNullable<Sample['scene_graph']>>();
  for await (const { line, value } of jsonLines(stream)) {
    const { graph } = readGraph(value);
    const name = isRecord(value) ? (value.image_filename ?? value.image_id ?? value.id) : undefined;
    if (!graph || (typeof name !== 'string' && typeof name !== 'number')) {
      const fix = 'Create the file with `chirality graph convert`.';
      throw new DataError('no-graph', 'The line is not a scene graph with an image name.', {
        file: `${path}:${line}`,
        fix,
      });
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
