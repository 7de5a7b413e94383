import { isBoxFormat, type BoxFormat } from '../sample/boxes.ts';
import { isRecord } from '../../base/json.ts';
import {
  oneOf,
  readAttributes,
  readName,
  readNumber,
  readNumbers,
  takeField,
  replaceField,
  type Repair,
} from './read-fields.ts';
import type { SceneObject } from './scene-graph.ts';

const LABEL_KEYS = ['label', 'name', 'object', 'names', 'type', 'category', 'class'];
const ID_KEYS = ['id', 'object_id', 'node_id'];
const BOX_KEYS = ['box', 'bbox', 'bounding_box', 'boundingBox', 'bbox_2d'];
const CENTROID_KEYS = ['centroid', 'center', 'centre', 'point'];

/** Ids of the objects read so far, each with the last number that was appended to the id. */
type Ids = Map<string, number>;

/** Edge that the JSON contains inside its subject, as in GQA. */
export interface NestedRelation {
  subject: string;
  relation: unknown;
}

/** Reads the objects of a graph: a list of objects or labels, or a map from id to object. */
export function readObjects(
  raw: unknown,
  repair: Repair,
): { objects: SceneObject[]; nested: NestedRelation[] } {
  let list: unknown[] = [];
  if (Array.isArray(raw)) list = raw;
  else if (isRecord(raw)) {
    list = Object.entries(raw).map(([id, value]) =>
      isRecord(value) ? { id, ...value } : { id, label: id, attributes: value },
    );
    repair('map', 'objects', 'A map of objects was read as a list.');
  } else repair('unreadable', 'objects', '"objects" is neither a list nor a map.');

  const used: Ids = new Map();
  const nested: NestedRelation[] = [];
  const objects = list.flatMap((entry, i) => {
    const object = readObject(entry, `objects[${i}]`, used, repair);
    if (!object) return [];
    const { relations, ...rest } = object;
    if (!Array.isArray(relations)) return [object];
    repair('nested-relations', `objects[${i}].relations`, 'Relations in objects were moved to "relations".');
    for (const relation of relations as unknown[]) nested.push({ subject: object.id, relation });
    return [rest as SceneObject];
  });
  return { objects, nested };
}

function readObject(entry: unknown, path: string, used: Ids, repair: Repair): SceneObject | null {
  let record: Record<string, unknown>;
  if (isRecord(entry)) record = { ...entry };
  else {
    const label = readName(entry);
    if (label === undefined) {
      repair('unreadable', path, 'The entry is neither an object nor a label.');
      return null;
    }
    record = { label };
    repair('bare-label', path, `The label "${label}" was read as an object.`);
  }
  const rawId = takeField(record, ID_KEYS, path, repair);
  const rawLabel = takeField(record, LABEL_KEYS, path, repair) ?? rawId;
  const label = readName(rawLabel);
  if (label === undefined) {
    repair('unreadable', path, 'The object has neither a label nor an id.');
    return null;
  }
  if (label !== rawLabel) repair('converted', `${path}.label`, `The label was converted to "${label}".`);
  const id = uniqueId(rawId, label, path, used, repair);
  for (const key of ['id', 'label']) replaceField(record, key, path, repair, () => undefined);
  readBox(record, path, repair);
  tidyOptional(record, path, repair);
  return { id, label, ...record };
}

/** Makes an id unique: derives a missing id from the label, and changes a second `cup` to `cup_2`. */
function uniqueId(raw: unknown, label: string, path: string, used: Ids, repair: Repair): string {
  const given = readName(raw);
  const wanted = given ?? label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_');
  let n = used.get(wanted) ?? 1;
  let id = wanted;
  while (used.has(id)) id = `${wanted}_${++n}`;
  used.set(id, 1);
  if (id !== wanted) used.set(wanted, n);
  if (given === undefined) repair('missing-id', path, `The object "${label}" was assigned the id "${id}".`);
  else if (id !== given) repair('duplicate-id', path, `The second id "${given}" was changed to "${id}".`);
  else if (raw !== given) repair('converted', `${path}.id`, `The id was converted to the string "${id}".`);
  return id;
}

const SIDES: [BoxFormat, string[]][] = [
  ['xywh_px', ['x', 'y', 'w', 'h']],
  ['xywh_px', ['x', 'y', 'width', 'height']],
  ['xyxy_px', ['x1', 'y1', 'x2', 'y2']],
  ['xyxy_px', ['xmin', 'ymin', 'xmax', 'ymax']],
  ['xyxy_px', ['x_min', 'y_min', 'x_max', 'y_max']],
  ['xyxy_px', ['left', 'top', 'right', 'bottom']],
];

/** Reads a box as four numbers or with named sides, from `box` or, as in Visual Genome, from the object itself. */
function readBox(record: Record<string, unknown>, path: string, repair: Repair): void {
  const box = takeField(
    record,
    BOX_KEYS,
    path,
    repair,
    (value) => (isRecord(value) ? sidesOf(value) : readNumbers(value, 4)) !== undefined,
  );
  if (box !== undefined && !isRecord(box)) record.box = box;
  const holder = isRecord(box) ? box : box === undefined && record.box === undefined ? record : {};
  const sides = sidesOf(holder);
  if (!sides) return;
  const [format, keys] = sides;
  record.box = keys.map((key) => readNumber(holder[key]));
  record.box_format ??= format;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  if (holder === record) for (const key of keys) delete record[key];
  repair('converted', `${path}.box`, `Named sides were converted to a box in ${String(record.box_format)}.`);
}

const sidesOf = (holder: Record<string, unknown>) =>
  SIDES.find(([, keys]) => keys.every((key) => readNumber(holder[key]) !== undefined));

const asPoint = (value: unknown) => readNumbers(isRecord(value) ? [value.x, value.y] : value, 2);

function tidyOptional(record: Record<string, unknown>, path: string, repair: Repair): void {
  const centroid = takeField(record, CENTROID_KEYS, path, repair, (value) => asPoint(value) !== undefined);
  if (centroid !== undefined) record.centroid = centroid;
  const readers: Record<string, (value: unknown) => unknown> = {
    box: (v) => readNumbers(v, 4),
    box_format: (v) => (isBoxFormat(v) ? v : undefined),
    centroid: asPoint,
    depth: readNumber,
    depth_unit: oneOf('m', 'rel'),
    size: readSize,
    count: (v) => wholeNumber(readNumber(v)),
    attributes: readAttributes,
    motion: (v) => oneOf(-1, 0, 1)(readNumber(v)),
    facing: (v) => (typeof v === 'string' ? v : undefined),
    confidence: readNumber,
  };
  for (const [key, read] of Object.entries(readers)) replaceField(record, key, path, repair, read);
}

const wholeNumber = (n: number | undefined) =>
  n !== undefined && Number.isInteger(n) && n >= 0 ? n : undefined;

function readSize(value: unknown): SceneObject['size'] | undefined {
  if (!isRecord(value) || (value.unit !== undefined && value.unit !== 'm')) return undefined;
  const entries = ['w', 'h', 'd'].flatMap((key) =>
    value[key] == null ? [] : [[key, readNumber(value[key])] as const],
  );
  if (entries.length === 0 || entries.some(([, n]) => n === undefined)) return undefined;
  return { ...value, ...Object.fromEntries(entries), unit: 'm' };
}
