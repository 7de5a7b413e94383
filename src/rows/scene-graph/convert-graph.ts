import { isRecord } from '../../base/json.ts';
import { readGraph, type GraphReading } from './read-graph.ts';

/** Datasets whose scene graphs can be converted to Chirality's form. */
type GraphSource = 'vg' | 'gqa' | 'clevr';

/** Repairs of the dataset's form, which are no mistakes of a graph. */
const OF_FORM = ['missing-frame', 'renamed', 'converted', 'map', 'nested-relations', 'triple'];

/**
 * Converts a scene graph of Visual Genome, GQA or CLEVR. This function only translates the dataset's form; then the
 * reader checks every field, and repairs this graph's mistakes. Objects and edges keep their unknown keys.
 * @throws Error with the missing field if the value is not from this dataset
 */
export function convertGraph(value: unknown, from: GraphSource): GraphReading {
  if (!isRecord(value)) throw new Error('A scene graph must be a JSON object.');
  const reading = readGraph({ ...CONVERTERS[from](value), source: 'dataset' });
  return { ...reading, repairs: reading.repairs.filter(({ code }) => !OF_FORM.includes(code)) };
}

type Row = Record<string, unknown>;

const CONVERTERS: Record<GraphSource, (value: Row) => Row> = {
  vg: fromVisualGenome,
  gqa: fromGqa,
  clevr: fromClevr,
};

function rows(value: unknown, what: string): Row[] {
  if (!Array.isArray(value) || !value.every(isRecord))
    throw new Error(`"${what}" must be a list of objects.`);
  return value;
}

function without(row: Row, ...keys: string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)));
}

const text = (id: unknown) => (typeof id === 'number' ? String(id) : id);
const size = ({ width, height }: Row) => (width && height ? { image: { w: width, h: height } } : {});

/** Objects {object_id, x, y, w, h, names, attributes}, relationships {subject_id, predicate, object_id}, or tuples. */
function fromVisualGenome(graph: Row): Row {
  if (!Array.isArray(graph.relationships)) throw new Error('"relationships" must be a list.');
  const relations = (graph.relationships as unknown[]).map((edge) =>
    isRecord(edge) ? { ...edge, predicate: String(edge.predicate ?? '').toLowerCase() } : edge,
  );
  return { ...size(graph), objects: rows(graph.objects, 'objects'), relations, image_id: graph.image_id };
}

/** Converts objects by id with {name, x, y, w, h, attributes, relations: [{name, object}]}. */
function fromGqa(graph: Row): Row {
  if (!isRecord(graph.objects)) throw new Error('"objects" must be a map from id to object.');
  for (const [id, object] of Object.entries(graph.objects))
    if (!isRecord(object)) throw new Error(`Object "${id}" must be an object.`);
  return { ...without(graph, 'width', 'height'), ...size(graph), relations: [] };
}

const CLEVR_ATTRIBUTES = ['color', 'shape', 'size', 'material'];

/**
 * Converts objects with colour, shape, size, material, `3d_coords` and `pixel_coords` (x, y, depth).
 * `relationships.left[i]` lists the objects left of object i.
 */
function fromClevr(graph: Row): Row {
  const objects = rows(graph.objects, 'objects').map((object, i) => {
    const [x, y, depth] = Array.isArray(object.pixel_coords) ? (object.pixel_coords as unknown[]) : [];
    return {
      id: String(i),
      label: object.shape,
      attributes: Object.fromEntries(
        CLEVR_ATTRIBUTES.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])),
      ),
      ...(x !== undefined && { centroid: [x, y], box_format: 'point_px' }),
      ...(depth !== undefined && { depth, depth_unit: 'rel' }),
      ...without(object, 'pixel_coords', ...CLEVR_ATTRIBUTES),
    };
  });
  if (!isRecord(graph.relationships))
    throw new Error('"relationships" must be a map from direction to lists.');
  const predicates: Record<string, string> = { left: 'left of', right: 'right of', front: 'in front of' };
  const relations = Object.entries(graph.relationships).flatMap(([direction, lists]) =>
    (Array.isArray(lists) ? (lists as unknown[]) : []).flatMap((subjects, object) =>
      (Array.isArray(subjects) ? (subjects as unknown[]) : []).map((subject) => ({
        subject: text(subject),
        predicate: predicates[direction] ?? direction,
        object: String(object),
        frame: 'viewer',
      })),
    ),
  );
  return { ...without(graph, 'objects', 'relationships'), objects, relations };
}
