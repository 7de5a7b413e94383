import { isRecord } from '../../../base/json.ts';
import { printable } from '../../../base/printable.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import type { Sample } from '../../../rows/sample/sample.ts';
import type { SceneObject } from '../../../rows/scene-graph/scene-graph.ts';
import {
  boxInside,
  labelledFields,
  LabelError,
  leaveFields,
  numberAt,
  pictureOf,
  placedObjects,
  sizeAt,
  textAt,
  type LabelReading,
  type Leave,
  type Upright,
} from './label-format.ts';

// COCO's JSON: {images: [{id, file_name, width, height}], categories: [{id, name}], annotations: [{id, image_id,
// category_id, bbox: [x, y, w, h], …} or {image_id, caption}]}. CVAT and Datumaro add attributes to annotations. COCO
// has no questions and relations.

interface Labels {
  objects: SceneObject[];
  captions: string[];
  errors: LabelError[];
}

/** Reads a COCO file's lists, in the order categories, annotations, images, which can differ from the file's order. */
export class CocoReader {
  private readonly names = new Map<string, string>();
  private readonly labels = new Map<string, Labels>();
  private readonly images = new Set<string>();

  private readonly leave: Leave;
  private readonly upright: Upright;

  constructor({ leave, upright }: LabelReading) {
    this.leave = leave;
    this.upright = upright;
  }

  /** Stores a category. @throws LabelError if the category is invalid */
  category(value: unknown, i: number): void {
    const { id, name } = record(value, `categories[${i}]`);
    const key = idAt(id, `categories[${i}].id`);
    if (this.names.has(key))
      throw new LabelError(
        `categories[${i}].id`,
        `Two categories have the id ${key}. Change one of the ids.`,
      );
    this.names.set(key, textAt(name, `categories[${i}].name`));
  }

  /** Stores an annotation. An invalid annotation makes its image's row invalid. @throws LabelError without image id */
  annotation(value: unknown, i: number): void {
    const field = `annotations[${i}]`;
    const annotation = record(value, field);
    const image = idAt(annotation.image_id, `${field}.image_id`);
    const labels = this.labels.get(image) ?? { objects: [], captions: [], errors: [] };
    this.labels.set(image, labels);
    try {
      if (annotation.caption !== undefined)
        labels.captions.push(textAt(annotation.caption, `${field}.caption`));
      // A caption is about the whole image, even if a program added a category to the caption.
      if (annotation.caption === undefined || annotation.bbox != null)
        labels.objects.push(...this.object(annotation, field));
    } catch (error) {
      if (!(error instanceof LabelError)) throw error;
      labels.errors.push(error);
    }
  }

  private object(annotation: Record<string, unknown>, field: string): SceneObject[] {
    const { category_id: category, iscrowd, segmentation, keypoints, attributes } = annotation;
    // A crowd is a region with many objects of one kind, not a single object.
    if (iscrowd === 1) return this.none('crowds');
    const bbox = annotation.bbox ?? around(segmentation);
    if (bbox === null) return this.none('annotations without a box');
    const label = this.names.get(idAt(category, `${field}.category_id`));
    if (label === undefined)
      throw new LabelError(`${field}.category_id`, `Category ${String(category)} does not exist.`);
    if (!Array.isArray(bbox) || bbox.length !== 4)
      throw new LabelError(
        `${field}.bbox`,
        `A box must be a list of x, y, width and height, not ${printable(JSON.stringify(bbox), 100)}.`,
      );
    const [x, y, w, h] = (bbox as unknown[]).map((side, k) => numberAt(side, `${field}.bbox[${k}]`)) as [
      number,
      number,
      number,
      number,
    ];
    if (w < 0 || h < 0)
      throw new LabelError(`${field}.bbox`, `A box must be at least 0 wide and high, not ${w} × ${h}.`);
    const degrees = turnOf(attributes);
    const turned = degrees !== 0 && this.upright([x, y, x + w, y + h], degrees, [x + w / 2, y + h / 2]);
    if (turned === null) return [];
    if (Array.isArray(segmentation) ? segmentation.length > 0 : segmentation != null) this.leave('outlines');
    if (keypoints !== undefined) this.leave('key points');
    const kept = readAttributes(
      turned ? { ...(attributes as object), rotation: '' } : attributes,
      this.leave,
    );
    const box: SceneObject['box'] = turned
      ? [turned[0], turned[1], turned[2] - turned[0], turned[3] - turned[1]]
      : [x, y, w, h];
    const id = String(annotation.id ?? field);
    return [{ id, label, box, box_format: 'xywh_px', ...(kept && { attributes: kept }) }];
  }

  private none(what: string): [] {
    this.leave(what);
    return [];
  }

  /**
   * Returns the row of an image, which has no question yet.
   * @param seen displayed size, if EXIF rotates the image by a quarter turn
   * @param warn receives warnings about the row
   * @throws LabelError, also for the image's annotations
   */
  image(
    value: unknown,
    i: number,
    { seen, warn }: { seen: Size | null; warn: (message: string) => void },
  ): Record<string, unknown> {
    const field = `images[${i}]`;
    const image = record(value, field);
    const path = textAt(image.file_name, `${field}.file_name`);
    const declared = sizeAt(image.width, image.height, `${field}.`);
    const key = idAt(image.id, `${field}.id`);
    if (this.images.has(key))
      throw new LabelError(`${field}.id`, `Two images have the id ${key}. Change one of the ids.`);
    this.images.add(key);
    const { objects, captions, errors } = this.labels.get(key) ?? { objects: [], captions: [], errors: [] };
    this.labels.delete(key);
    if (errors[0]) throw errors[0];
    const corners = objects.map(({ box }) => [box![0] + box![2], box![1] + box![3]] as const);
    const size = asSeen(declared, seen, corners, warn);
    const inside = objects.flatMap((object) => {
      const [x, y, w, h] = object.box!;
      const part = boxInside([x, y, x + w, y + h], size, this.leave);
      const isWhole = part?.every((side, k) => Math.abs(side - [x, y, x + w, y + h][k]!) < 1e-9);
      if (!part || isWhole) return part ? [object] : [];
      return [{ ...object, box: [part[0], part[1], part[2] - part[0], part[3] - part[1]] as const }];
    }) as SceneObject[];
    return {
      ...labelledFields(path, size, { objects: inside, relations: [] }),
      ...(captions.length > 0 && { meta: { captions } }),
    };
  }

  /** Returns an error for each image that has annotations but is not in the file's list of images. */
  strays(): LabelError[] {
    return [...this.labels.keys()].map(
      (id) => new LabelError('annotations', `Annotations refer to image ${id}, which is not in "images".`),
    );
  }
}

/**
 * Returns the rotation of a box around its centre in degrees, from CVAT's attribute `rotation`. `bbox` is unrotated.
 */
const turnOf = (attributes: unknown): number =>
  isRecord(attributes) && typeof attributes.rotation === 'number' ? attributes.rotation % 180 : 0;

/**
 * Returns the displayed size of an image whose declared size is the size before EXIF rotation. The boxes decide which
 * size their coordinates refer to.
 */
export function asSeen(
  declared: Size | undefined,
  seen: Size | null,
  corners: readonly (readonly [right: number, bottom: number])[],
  warn: (message: string) => void,
): Size | undefined {
  if (!declared || !seen || declared.w === seen.w || declared.w !== seen.h || declared.h !== seen.w)
    return declared;
  const fit = ({ w, h }: Size) => corners.every(([right, bottom]) => right <= w + 1 && bottom <= h + 1);
  if (!fit(declared) && fit(seen)) return seen;
  if (corners.length === 0) return seen;
  warn(
    `The image is ${seen.w} × ${seen.h} after EXIF rotation, but declared as ${declared.w} × ${declared.h}. The boxes might refer to the image before rotation.`,
  );
  return declared;
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (!isRecord(value)) throw new LabelError(path, 'The value must be an object.');
  return value;
}

/** Reads an id, which can be a number or a string. @throws LabelError */
function idAt(value: unknown, path: string): string {
  return typeof value === 'string' ? textAt(value, path) : String(numberAt(value, path));
}

/** Returns the bounding box of polygons, each a list of x, y, x, y, … Returns null for other outlines. */
function around(polygons: unknown): number[] | null {
  if (
    !Array.isArray(polygons) ||
    !polygons.every((polygon) => Array.isArray(polygon) && polygon.length % 2 === 0)
  )
    return null;
  const numbers = (polygons as unknown[][]).flat();
  if (numbers.length === 0 || !numbers.every((n) => typeof n === 'number' && Number.isFinite(n))) return null;
  const span = (from: number) => {
    const along = (numbers as number[]).filter((_, i) => i % 2 === from);
    const least = along.reduce((a, b) => Math.min(a, b));
    return [least, along.reduce((a, b) => Math.max(a, b)) - least] as const;
  };
  const [[x, w], [y, h]] = [span(0), span(1)];
  return [x, y, w, h];
}

/** Returns attributes as strings, or as a list if all are true (`{"red": true}`). Counts other forms as omitted. */
function readAttributes(value: unknown, leave: Leave): SceneObject['attributes'] | undefined {
  if (!isRecord(value)) {
    leave('attributes in other formats', Array.isArray(value) ? value.length : Number(value != null));
    return undefined;
  }
  const all = Object.entries(value);
  const entries = all.filter(
    ([name, attribute]) =>
      name.trim() === name && name !== '' && ['string', 'number', 'boolean'].includes(typeof attribute),
  );
  leave('attributes in other formats', all.length - entries.length);
  if (entries.length === 0) return undefined;
  if (entries.every(([, attribute]) => attribute === true)) return entries.map(([name]) => name);
  const texts = entries
    .map(([name, attribute]) => [name, String(attribute).trim()] as const)
    .filter(([, text]) => text !== '');
  return texts.length > 0 ? Object.fromEntries(texts) : undefined;
}

/** An image, with the first graph and the first captions among the rows about the image, as JSON. */
interface Entry {
  id: number;
  size: Size | undefined;
  graphs?: string;
  captions?: string;
}

/** Collects rows for a COCO file: each image once, with boxes from the first graph of the image. */
export class CocoWriter {
  private readonly images = new Map<string, Entry>();
  private readonly categories = new Map<string, number>();
  private readonly annotations: Record<string, unknown>[] = [];
  private readonly captions: Record<string, unknown>[] = [];

  constructor(private readonly leave: Leave) {}

  add(sample: Sample, size: Size | undefined): void {
    const picture = pictureOf(sample, size, this.leave);
    if (!picture) return;
    const { captions, ...meta } = sample.meta ?? {};
    const texts = isTexts(captions) ? captions : [];
    leaveFields({ ...sample, meta }, Object.keys(meta).length === 0 ? ['meta'] : [], this.leave);
    const { path, graph } = picture;
    const entry = this.images.get(path) ?? { id: this.images.size + 1, size: undefined };
    this.images.set(path, entry);
    entry.size ??= picture.size;
    if (this.isNew(entry, 'captions', texts))
      for (const caption of texts)
        this.captions.push({ id: this.captions.length + 1, image_id: entry.id, caption });
    if (!this.isNew(entry, 'graphs', graph.objects)) return;
    this.leave('relations', graph.relations.length);
    for (const { object, box } of placedObjects(picture, ['attributes'], this.leave)) {
      const [x1, y1, x2, y2] = box;
      const isOwn = object.box_format === 'xywh_px';
      const bbox = isOwn ? object.box! : [x1, y1, x2 - x1, y2 - y1];
      const { attributes } = object;
      this.annotations.push({
        id: this.annotations.length + 1,
        image_id: entry.id,
        category_id: this.category(object.label),
        bbox,
        area: bbox[2]! * bbox[3]!,
        iscrowd: 0,
        ...(attributes && {
          attributes: Array.isArray(attributes)
            ? Object.fromEntries(attributes.map((name) => [name, true]))
            : attributes,
        }),
      });
    }
  }

  /** Whether a row is the first row about its image with a graph or captions. Counts later rows that differ. */
  private isNew(entry: Entry, what: 'graphs' | 'captions', things: readonly unknown[]): boolean {
    if (things.length === 0) return false;
    const content = JSON.stringify(things);
    const before = entry[what];
    entry[what] ??= content;
    if (before !== undefined && before !== content) this.leave(`additional ${what} of an image`);
    return before === undefined;
  }

  private category(label: string): number {
    const id = this.categories.get(label) ?? this.categories.size + 1;
    this.categories.set(label, id);
    return id;
  }

  /** Returns a file of boxes, or of captions if there are no boxes, because pycocotools cannot read both. */
  text(): string {
    const categories = [...this.categories].map(([name, id]) => ({ id, name }));
    const annotations = this.annotations.length > 0 ? this.annotations : this.captions;
    if (annotations !== this.captions) this.leave('captions', this.captions.length);
    const images = [...this.images].map(([path, { id, size }]) => ({
      id,
      file_name: path,
      ...(size && { width: size.w, height: size.h }),
    }));
    return `${JSON.stringify({ images, annotations, categories })}\n`;
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((element) => typeof element === 'string');
