import { isRecord } from '../../../base/json.ts';
import type { Sample } from '../../../rows/sample/sample.ts';
import type { Size, Xyxy } from '../../../rows/sample/boxes.ts';
import type { SceneObject } from '../../../rows/scene-graph/scene-graph.ts';
import {
  boxInside,
  labelledFields,
  LabelError,
  leaveFields,
  leaveFrames,
  numberAt,
  pictureOf,
  placedObjects,
  rounded,
  sizeAt,
  textAt,
  type LabelReading,
  type Leave,
} from './label-format.ts';

// Label Studio's JSON: a list of tasks {data: {image, …}, annotations: [{result: […]}]}. A result is a box in percent
// of the image (rectanglelabels), a text about the image or, with the id of a box, about that box (textarea, choices),
// or a relation between two boxes. Fields of Chirality's rows are stored in `data`, where annotators see them. A text
// area with a field's name replaces the field. JSON-MIN is one flat object per annotation: the fields of `data`, and
// for each control a text or a list of shapes, without ids and relations. Choices, task and source are imported
// unchanged. Fields that edits could invalidate, such as mirrors and orders, are not exported.

type Row = Record<string, unknown>;

/** Fields of a row that annotators can write. */
const TEXTS = ['question', 'answer', 'reasoning'];
/** Fields of a row that a task stores in `data`. */
const HELD = [...TEXTS, 'choices', 'task', 'source'];
/** Prefix of a file path below Label Studio's root for local files. Paths of uploads begin with `/data/upload/`. */
const LOCAL = '/data/local-files/?d=';
/** Matches the beginning of a URL. */
const ADDRESS = /^[a-z][a-z\d+.-]*:\/\//i;

interface Region extends SceneObject {
  /** Whether the annotated box is completely outside the image. */
  isOutside: boolean;
}

/** Whether a value is a task of Label Studio. An unlabelled task can consist of only its image. */
export const isTask = (value: unknown): boolean =>
  isMin(value) ||
  (isRecord(value) &&
    isRecord(value.data) &&
    ('annotations' in value || 'predictions' in value || 'image' in value.data));

const isMin = (value: unknown): value is Row =>
  isRecord(value) && 'annotation_id' in value && typeof (value.image ?? value.video) === 'string';

/** Reads the tasks of a file one after the other. */
export class LabelStudioReader {
  /** Ids of JSON-MIN tasks read so far. Several people's annotations of one task are separate objects. */
  private readonly seen = new Set<unknown>();

  constructor(private readonly reading: LabelReading) {}

  /** Returns the row of a task, or nothing for a second annotation of a task. @throws LabelError */
  rows(task: unknown): Row[] {
    if (!isMin(task)) return [taskRow(task, this.reading)];
    if (this.seen.has(task.id)) {
      this.reading.leave(BY_OTHERS);
      return [];
    }
    if (task.id !== undefined) this.seen.add(task.id);
    return [rowOf(task, task, shapesOf(task), this.reading)];
  }
}

const BY_OTHERS = 'annotations by other annotators';

type Placed = readonly [result: Row, place: string];

/** Returns the shapes of a JSON-MIN annotation as results. Its texts are already fields of the row. */
const shapesOf = (task: Row): Placed[] =>
  Object.entries(task)
    .flatMap(([name, list]) =>
      (Array.isArray(list) ? (list as unknown[]) : []).map((value, i) => ({ name, i, value })),
    )
    .flatMap(({ name, i, value }, at): Placed[] => {
      const type = isRecord(value) ? Object.keys(value).find((key) => key.endsWith('labels')) : undefined;
      if (!isRecord(value) || type === undefined) return [];
      return [[{ ...value, id: String(at + 1), type, from_name: name, value }, `${name}[${i}]`]];
    });

function taskRow(task: unknown, reading: LabelReading): Row {
  if (!isRecord(task) || !isRecord(task.data))
    throw new LabelError('data', 'A task must have an image under "data".');
  return rowOf(task, task.data, resultsOf(task, reading.leave), reading);
}

/** Returns the row of a task with its results. @throws LabelError */
function rowOf(task: Row, data: Row, results: readonly Placed[], reading: LabelReading): Row {
  const { leave } = reading;
  const shown = data.image === undefined && typeof data.video === 'string' ? 'video' : 'image';
  const path = pathOf(textAt(data[shown], data === task ? shown : `data.${shown}`));
  const regions = new Map<string, Region>();
  const texts: Row = {};
  let size: Size | undefined;
  for (const [result, place] of results) {
    if (result.type !== 'rectanglelabels') continue;
    size ??= sizeAt(result.original_width, result.original_height, `${place}.original_`);
    const region = regionOf(result, place, size, reading);
    if (region && regions.has(region.id))
      throw new LabelError(`${place}.id`, `Two boxes have the id "${region.id}". Change one of the ids.`);
    if (region) regions.set(region.id, region);
  }
  // Skips texts that annotate any shape except an axis-aligned box.
  const isText = ({ type }: Row) => type === 'textarea' || type === 'choices';
  const shapes = new Set<unknown>(
    results.flatMap(([result]) => (isText(result) || result.id === undefined ? [] : [result.id])),
  );
  const relations: Row[] = [];
  for (const [result, place] of results) {
    const { type, from_name: name } = result;
    const words = wordsOf(result);
    const region = typeof result.id === 'string' ? regions.get(result.id) : undefined;
    if (type === 'relation') relations.push(...relationsOf(result, place, regions, leave));
    else if (words !== null && typeof name === 'string' && region)
      region.attributes = { ...(region.attributes as Record<string, string> | undefined), [name]: words };
    else if (words !== null && typeof name === 'string' && TEXTS.includes(name) && !shapes.has(result.id))
      texts[name] = words;
    else if (type !== 'rectanglelabels') leave(`results of the type ${String(type)}`);
  }
  const objects = [...regions.values()].flatMap(({ isOutside, ...object }) => (isOutside ? [] : [object]));
  const there = new Set(objects.map(({ id }) => id));
  const kept = relations.filter(({ subject, object }) => {
    const isThere = there.has(subject as string) && there.has(object as string);
    if (!isThere) leave('relations outside the image');
    return isThere;
  });
  const held = HELD.flatMap((key) => (data[key] == null ? [] : [[key, data[key]] as const]));
  return {
    ...((data.id ?? task.id) != null && { id: data.id ?? task.id }),
    ...Object.fromEntries(held),
    ...texts,
    // Boxes in a video have times, which a scene graph cannot store.
    ...(shown === 'video' ? { video: { path } } : labelledFields(path, size, { objects, relations: kept })),
  };
}

/** Returns the results of the first annotation that was not cancelled. Default: the results of a model's prediction. */
function resultsOf({ annotations, predictions }: Row, leave: Leave): Placed[] {
  const list = (value: unknown): Row[] => (Array.isArray(value) ? value.filter(isRecord) : []);
  const people = list(annotations);
  const first = people.findIndex((person) => person.was_cancelled !== true);
  for (const other of people.slice(first + 1))
    if (first >= 0 && other.was_cancelled !== true) leave(BY_OTHERS);
  const [name, i, chosen] =
    first >= 0 ? ['annotations', first, people[first]!] : ['predictions', 0, list(predictions)[0] ?? {}];
  if (chosen.result !== undefined && !(Array.isArray(chosen.result) && chosen.result.every(isRecord)))
    throw new LabelError(`${name as string}[${i as number}].result`, 'Results must be a list of objects.');
  const results = (chosen as { result?: Row[] }).result ?? [];
  return results.map((result, k) => [result, `${name as string}[${i as number}].result[${k}]`]);
}

function pathOf(image: string): string {
  if (image.startsWith(LOCAL)) {
    const path = decoded(image.slice(LOCAL.length));
    if (path === null) throw new LabelError('data.image', 'The image path is not URL-encoded.');
    return path;
  }
  if (!image.startsWith('/data/')) return image;
  // Some versions percent-encode the names of uploads. A name with a bare "%" is not encoded.
  const path = image.slice('/data/'.length);
  return decoded(path) ?? path;
}

/** Decodes percent-encoding, or returns null if the text is not encoded. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function regionOf(
  result: Row,
  place: string,
  size: Size | undefined,
  { leave, upright }: LabelReading,
): Region | null {
  if (!isRecord(result.value))
    throw new LabelError(`${place}.value`, 'A box must be an object with x, y, width and height.');
  const { value, image_rotation: turned } = result;
  const labels: unknown = value.rectanglelabels;
  const label = textAt(Array.isArray(labels) ? labels[0] : undefined, `${place}.value.rectanglelabels`);
  if (!size)
    throw new LabelError(`${place}.original_width`, 'A box in percent requires the size of its image.');
  // A box is rotated around its first corner. In a rotated image, the stored position is not the displayed position.
  const degrees = numberAt(value.rotation ?? 0, `${place}.value.rotation`);
  if ((turned ?? 0) !== 0) {
    leave('boxes of rotated images');
    return null;
  }
  leave('additional labels of a box', (labels as unknown[]).length - 1);
  const sides = ['x', 'y', 'width', 'height'].map((key) => numberAt(value[key], `${place}.value.${key}`));
  const [x, y, w, h] = sides as [number, number, number, number];
  if (w < 0 || h < 0)
    throw new LabelError(`${place}.value`, `A box must be at least 0 wide and high, not ${w} × ${h}.`);
  const pixels = (percent: number, whole: number) => rounded((percent * whole) / 100);
  const corners: Xyxy = [pixels(x, size.w), pixels(y, size.h), pixels(x + w, size.w), pixels(y + h, size.h)];
  const whole = degrees === 0 ? corners : upright(corners, degrees, [corners[0], corners[1]]);
  if (whole === null) return null;
  const box = boxInside(whole, size, leave);
  return {
    id: textAt(result.id, `${place}.id`),
    label,
    box: box ?? [0, 0, 0, 0],
    box_format: 'xyxy_px',
    isOutside: box === null,
  };
}

/** Returns the text or the choices of a result, or null for other results. */
function wordsOf({ type, value }: Row): string | null {
  if (!isRecord(value) || (type !== 'textarea' && type !== 'choices')) return null;
  const words: unknown = type === 'choices' ? value.choices : value.text;
  const list: unknown[] = Array.isArray(words) ? words : [words];
  const text = list
    .filter((word) => typeof word === 'string')
    .join('\n')
    .trim();
  return text === '' ? null : text;
}

function relationsOf(result: Row, place: string, regions: ReadonlyMap<string, Region>, leave: Leave): Row[] {
  const [from, to] = (['from_id', 'to_id'] as const).map((key) => textAt(result[key], `${place}.${key}`));
  if (!regions.has(from!) || !regions.has(to!)) {
    leave('relations without boxes');
    return [];
  }
  const labels = Array.isArray(result.labels)
    ? (result.labels as unknown[]).filter((label) => typeof label === 'string')
    : [];
  if (labels.length === 0) leave('relations without a label');
  const ends = {
    left: [{ subject: to, object: from }],
    bi: [
      { subject: from, object: to },
      { subject: to, object: from },
    ],
  }[String(result.direction)] ?? [{ subject: from, object: to }];
  return labels.flatMap((predicate) => ends.map((each) => ({ ...each, predicate })));
}

/** Returns a row as a task to import, or null without exactly one image file. @param size image size, if readable */
export function labelStudioTask(sample: Sample, size: Size | undefined, leave: Leave): Row | null {
  const picture = pictureOf(sample, size, leave);
  if (!picture) return null;
  leaveFields(sample, HELD, leave);
  leaveFrames(picture.graph, leave);
  const full = picture.size;
  const placed = full ? placedObjects(picture, ['attributes'], leave) : [];
  if (!full) leave('objects in images of unknown size', picture.graph.objects.length);
  const shared = full && {
    to_name: 'image',
    original_width: full.w,
    original_height: full.h,
    image_rotation: 0,
  };
  const regions = placed.flatMap(({ object, box: [x1, y1, x2, y2] }) => {
    const place = {
      x: (100 * x1) / full!.w,
      y: (100 * y1) / full!.h,
      width: (100 * (x2 - x1)) / full!.w,
      height: (100 * (y2 - y1)) / full!.h,
      rotation: 0,
    };
    const { id, label, attributes = {} } = object;
    if (Array.isArray(attributes)) leave('attributes without a name', attributes.length);
    const box = { id, type: 'rectanglelabels', from_name: 'label', ...shared };
    return [
      { ...box, value: { ...place, rectanglelabels: [label] } },
      ...Object.entries(Array.isArray(attributes) ? {} : attributes).map(([name, text]) => ({
        ...box,
        type: 'textarea',
        from_name: name,
        value: { ...place, text: [text] },
      })),
    ];
  });
  const there = new Set(placed.map(({ object }) => object.id));
  const relations = picture.graph.relations.flatMap(({ subject, predicate, object }) => {
    if (there.has(subject) && there.has(object))
      return [{ type: 'relation', from_id: subject, to_id: object, direction: 'right', labels: [predicate] }];
    leave('relations without boxes');
    return [];
  });
  const held = HELD.flatMap((key) =>
    sample[key] == null || sample[key] === '' ? [] : [[key, sample[key]] as const],
  );
  const image = ADDRESS.test(picture.path)
    ? picture.path
    : LOCAL + picture.path.split('/').map(encodeURIComponent).join('/');
  const result = [...regions, ...relations];
  return {
    data: { image, id: sample.id, ...Object.fromEntries(held) },
    ...(result.length > 0 && { annotations: [{ result }] }),
  };
}
