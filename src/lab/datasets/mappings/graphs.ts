import { isRecord } from '../../../base/json.ts';
import { convertGraph } from '../../../rows/scene-graph/convert-graph.ts';
import { DataError } from '../data-error.ts';
import { pictureColumns } from './guess-columns.ts';
import { type Mapping, otherColumns, type Row } from './mapping.ts';

/* Scene graphs of other datasets as rows without questions: objects and relations in two columns, or in one. */

/** Names of columns with objects, and of columns with relations. */
const OBJECTS = ['objects', 'nodes', 'entities'];
const RELATIONS = ['relationships', 'relations', 'edges', 'triplets'];
/** Lists of names in a file of PSG, which its rows refer to by numbers. */
const PSG_NAMES = ['thing_classes', 'stuff_classes', 'predicate_classes'];

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

export const graphColumns = (columns: readonly string[]) => ({
  objects: OBJECTS.find((name) => columns.includes(name)),
  relations: RELATIONS.find((name) => columns.includes(name)),
});

/** Returns the scene graph of a row, from two columns or GQA's one. @throws DataError if it is unreadable */
export function joinedGraph(objects: unknown, relations: unknown, row: Row): unknown {
  const from = isRecord(relations) ? 'clevr' : isRecord(objects) ? 'gqa' : 'vg';
  const { width, height } = row;
  try {
    const parts = { objects: objects ?? [], ...(from !== 'gqa' && { relationships: relations ?? [] }) };
    const { graph, repairs } = convertGraph({ width, height, ...parts }, from);
    const unreadable = repairs.find(({ code }) => code === 'unreadable');
    if (unreadable) throw new Error(`${unreadable.path}: ${unreadable.message}`);
    return graph;
  } catch (error) {
    throw new DataError('scene-graph', (error as Error).message, {
      fix: 'See "Scene graph" in docs/reference.md.',
    });
  }
}

/** Returns the mapping of a table of scene graphs. Null if the first rows have none. */
export function graphTable(columns: readonly string[], first: readonly Row[]): Mapping | null {
  const { objects, relations } = graphColumns(columns);
  if (objects === undefined || !first.some((row) => row[objects] instanceof Object)) return null;
  if (relations === undefined && !first.every((row) => isRecord(row[objects]))) return null;
  const isNamed = pictureColumns(columns, first).length > 0;
  return {
    name: 'graphs',
    about: 'scene graphs: objects, relationships (Visual Genome, 3DSSG, PSG, GQA, CLEVR)',
    columns: [objects],
    sample(row, id) {
      const { image_filename: file, scan } = row;
      const image = row.image_id ?? (isRecord(row[objects]) ? row.key : undefined);
      const named = file ?? (isNamed || image == null ? undefined : `${String(image)}.jpg`);
      return {
        id: row.id ?? image ?? scan ?? id,
        question: '',
        answer: '',
        ...(named !== undefined && { images: [named] }),
        scene_graph: joinedGraph(row[objects], relations && row[relations], row),
        meta: otherColumns(row, ['id', objects, relations ?? '', 'width', 'height']),
      };
    },
  };
}

/** Returns a row of PSG with names in place of the numbers of its classes and predicates. Null for other files. */
export function psgRow(
  { segments_info: segments, annotations, relations, ...row }: Row,
  file: Row,
): Row | null {
  const [things, stuff, predicates] = PSG_NAMES.map((name) => file[name]);
  if (!(isList(things) && isList(stuff) && isList(predicates) && isList(segments) && isList(relations)))
    return null;
  const classes = [...things, ...stuff];
  return {
    ...row,
    objects: segments.filter(isRecord).map(({ category_id: category, id }, i) => {
      const { bbox: box, bbox_mode: mode } = ((annotations as Row[] | null)?.[i] ?? {}) as Row;
      const placed = box != null && { box, box_format: mode === 1 ? 'xywh_px' : 'xyxy_px' };
      return { id: String(i), label: classes[Number(category)], segment: id, ...placed };
    }),
    relationships: relations
      .filter(isList)
      .map(([subject, object, predicate]) => [subject, predicates[Number(predicate)], object]),
  };
}
