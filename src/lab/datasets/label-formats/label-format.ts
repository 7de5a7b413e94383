import { clampToImage, areaOf, toPixels, type Size, type Xyxy } from '../../../rows/sample/boxes.ts';
import { declaredSize, type Sample } from '../../../rows/sample/sample.ts';
import { usualFrame } from '../../../rows/scene-graph/predicates.ts';
import { graphOf, readGraph } from '../../../rows/scene-graph/read-graph.ts';
import type { SceneGraph, SceneObject } from '../../../rows/scene-graph/scene-graph.ts';

/** Label formats that can be read and written. Their files contain boxes with labels, and some relations and texts. */
export const LABEL_FORMATS = ['coco', 'label-studio', 'cvat'] as const;
export type LabelFormat = (typeof LABEL_FORMATS)[number];
export type LabelFile = LabelFormat | 'labelme' | 'voc' | 'yolo' | 'via';

/** Function that counts values that a format, or a row, cannot store, by kind, such as `outlines`. */
export type Leave = (what: string, count?: number) => void;

/** Error in one value of a label file, with the value's path, such as `annotations[3].bbox`. */
export class LabelError extends Error {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads a number, which can be a string in JSON or XML. @throws LabelError */
export function numberAt(value: unknown, path: string): number {
  const n = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof n !== 'number' || !Number.isFinite(n))
    throw new LabelError(
      path,
      `The value must be a finite number, not ${value === undefined ? 'absent' : JSON.stringify(value)}.`,
    );
  return n;
}

/** Reads and trims a string, which must not be empty. @throws LabelError */
export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new LabelError(path, 'The value must be a non-empty string.');
  return value.trim();
}

/** Reads the size of an image if both numbers are present. @throws LabelError if they are not positive numbers */
export function sizeAt(w: unknown, h: unknown, path: string): Size | undefined {
  if (w == null || h == null) return undefined;
  const size = { w: numberAt(w, `${path}width`), h: numberAt(h, `${path}height`) };
  if (!(size.w > 0 && size.h > 0))
    throw new LabelError(path, 'Width and height of an image must be above 0.');
  return size;
}

/** Returns the part of a box inside its image, or null if it is outside. @param corners in pixels, in any order */
export function boxInside(corners: Xyxy, size: Size | undefined, leave: Leave): Xyxy | null {
  const [x1, y1, x2, y2] = corners;
  const whole: Xyxy = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  const inside = size ? clampToImage(whole, size) : whole;
  if (areaOf(inside) === 0) {
    leave(areaOf(whole) === 0 ? 'boxes without an area' : 'boxes outside their image');
    return null;
  }
  // Does not report boxes up to a pixel outside the image, because programs round coordinates.
  if (inside.some((value, i) => Math.abs(value - whole[i]!) > 1)) leave('parts of boxes outside their image');
  return inside;
}

/** A point in pixels, with y downwards. */
type Point = readonly [x: number, y: number];

/**
 * Returns the axis-aligned bounding box of a box rotated clockwise around a point. If rotated boxes must be omitted,
 * counts the box and returns null.
 */
export type Upright = (box: Xyxy, degrees: number, around: Point) => Xyxy | null;

export interface LabelReading {
  leave: Leave;
  upright: Upright;
}

export const TURNED = 'rotated boxes';

/** Returns the smallest axis-aligned box around the four corners of a rotated box. */
export const boundsOfTurned: Upright = ([x1, y1, x2, y2], degrees, [cx, cy]) => {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const corners = [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ].map(([x, y]) => [x! - cx, y! - cy] as const);
  const xs = corners.map(([x, y]) => rounded(cx + x * cos - y * sin));
  const ys = corners.map(([x, y]) => rounded(cy + x * sin + y * cos));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
};

/** Returns the fields of a row about one image with its labels. */
export function labelledFields(
  path: string,
  size: Size | undefined,
  { objects, relations }: { objects: SceneObject[]; relations: Record<string, unknown>[] },
): Pick<Sample, 'images' | 'scene_graph'> {
  const images = [size ? { path, ...size } : path];
  if (objects.length === 0) return { images };
  const { graph } = readGraph({
    version: 1,
    ...(size && { image: size }),
    objects,
    relations,
    source: 'dataset',
  });
  return { images, ...(graph && { scene_graph: graph }) };
}

/** Image of a row that is to be written. */
export interface Picture {
  path: string;
  size: Size | undefined;
  graph: SceneGraph;
}

/** Empty graph, for a row without scene graph. */
const NO_GRAPH: SceneGraph = { version: 1, objects: [], relations: [] };

/** Graph fields that every graph can have. Other fields are specific to the row. */
const OF_GRAPH = ['version', 'image', 'objects', 'relations', 'frame', 'source', 'view'];

/** Returns a row's image, or null unless the row has exactly one. @param size size of the image file, if readable */
export function pictureOf(sample: Sample, size: Size | undefined, leave: Leave): Picture | null {
  const [first, ...others] = sample.images;
  const path = typeof first === 'string' ? first : first?.path;
  if (path === undefined || others.length > 0) {
    leave(others.length > 0 ? 'rows with several images' : 'rows whose image is not a file');
    return null;
  }
  const graph = graphOf(sample) ?? NO_GRAPH;
  for (const key of Object.keys(sample.scene_graph ?? {}))
    if (!OF_GRAPH.includes(key)) leave(`${key} of scene graphs`);
  return { path, size: declaredSize(first) ?? graph.image ?? size, graph };
}

const PLACED = ['id', 'label', 'box', 'box_format'];

/** Returns the objects of a graph that have a box, in pixels. Counts their other fields, except fields in `held`. */
export function placedObjects(
  { graph, size }: Picture,
  held: readonly string[],
  leave: Leave,
): { object: SceneObject; box: Xyxy }[] {
  return graph.objects.flatMap((object) => {
    const box = pixelBox(object, size);
    if (!box) {
      leave('objects without a box in pixels');
      return [];
    }
    for (const key of Object.keys(object))
      if (![...PLACED, ...held].includes(key)) leave(`${key} of objects`);
    return [{ object, box }];
  });
}

function pixelBox({ box, box_format: format = 'xyxy_px' }: SceneObject, size: Size | undefined): Xyxy | null {
  if (!box || !/^(?:xyxy|xywh|cxcywh)_/.test(format) || (!size && !format.endsWith('_px'))) return null;
  const corners = toPixels(box, format, size);
  return format.endsWith('_px') ? corners : (corners.map(rounded) as Xyxy);
}

/** Rounds to a thousandth of a pixel, because fractions of an image have no exact decimal form. */
export const rounded = (pixels: number): number => Math.round(pixels * 1000) / 1000;

/** Counts relations with an unusual frame of reference, and the relations' additional fields. */
export function leaveFrames({ relations }: SceneGraph, leave: Leave): void {
  for (const { predicate, frame, ...rest } of relations) {
    if (frame !== usualFrame(predicate)) leave('frame of relations');
    for (const key of Object.keys(rest))
      if (key !== 'subject' && key !== 'object') leave(`${key} of relations`);
  }
}

/** Counts the fields of a row that are not in `held`, except its image, graph and id. */
export function leaveFields(sample: Sample, held: readonly string[], leave: Leave): void {
  for (const [key, value] of Object.entries(sample)) {
    const isEmpty = value === '' || value == null || (Array.isArray(value) && value.length === 0);
    if (!isEmpty && !['images', 'scene_graph', 'id', ...held].includes(key)) leave(key);
  }
}

/** Formats of label files, with their programs. Rows from label files can lack a question. */
export const LABEL_FILES: readonly { name: LabelFile; about: string }[] = [
  { name: 'coco', about: 'COCO instances or captions (JSON)' },
  { name: 'label-studio', about: 'Label Studio, exported as JSON or JSON-MIN' },
  { name: 'cvat', about: 'CVAT for images 1.1 (XML)' },
  { name: 'labelme', about: 'labelme (JSON), a file for each image' },
  { name: 'voc', about: 'Pascal VOC (XML), a file for each image' },
  { name: 'yolo', about: 'YOLO (data.yaml and its image folders)' },
  { name: 'via', about: 'VIA 1 to 3 (JSON)' },
];
