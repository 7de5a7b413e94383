import { isRecord } from '../../../base/json.ts';
import type { Size, Xyxy } from '../../../rows/sample/boxes.ts';
import type { SceneObject } from '../../../rows/scene-graph/scene-graph.ts';
import {
  boxInside,
  labelledFields,
  LabelError,
  type LabelReading,
  numberAt,
  sizeAt,
  textAt,
} from './label-format.ts';

// Files that hold little more than the shapes of one image, or of several. A format is a row of the table at the end: where
// its files have an image and its shapes, and what a shape is made of. XML comes as objects (`treeOf`).

type Row = Record<string, unknown>;
type Point = readonly [x: number, y: number];

/** A shape of any of these programs. */
interface Shape {
  label: unknown;
  /** What the program calls the form. */
  form: string;
  /** Corners, or numbers under the names that `MEASURES` has. */
  at: readonly Point[] | Row;
  attributes?: Row;
  confidence?: number;
  /** Whether its numbers are shares of the image. */
  isShare?: boolean;
}

/** An image with its shapes. `names` are the places where it may be, the first that exists counts. */
export interface LabelledPicture {
  names: readonly string[];
  size?: Size | undefined;
  shapes: readonly Shape[];
  /** The image itself, where its file is not there. */
  data?: unknown;
  meta?: Row;
}

/** Forms that have a box of their own, around which it is no guess; `mask` has one next to its pixels. */
const BOXES = /^(?:rect(?:angle)?|bndbox|box|mask)$/;
/** Forms whose bounds are a box. */
const OUTLINES = /^(?:polygon|circle|ellipse|extreme_rect(?:angle)?|mask)$/;
const TURNED_BOXES = /^(?:oriented_rectangle|robndbox)$/;

/** Names of the numbers that a form may have, with the corners that follow from them. */
const MEASURES: readonly [names: readonly string[], corners: (...numbers: number[]) => Xyxy][] = [
  [['xmin', 'ymin', 'xmax', 'ymax'], (...corners) => corners as unknown as Xyxy],
  [['x', 'y', 'width', 'height'], (x = 0, y = 0, w = 0, h = 0) => [x, y, x + w, y + h]],
  [['cx', 'cy', 'w', 'h'], (x = 0, y = 0, w = 0, h = 0) => around(x, y, w / 2, h / 2)],
  [
    ['cx', 'cy', 'rx', 'ry', 'theta'],
    (x = 0, y = 0, a = 0, b = 0, turn = 0) =>
      around(
        x,
        y,
        Math.hypot(a * Math.cos(turn), b * Math.sin(turn)),
        Math.hypot(a * Math.sin(turn), b * Math.cos(turn)),
      ),
  ],
  [['cx', 'cy', 'rx', 'ry'], (x = 0, y = 0, a = 0, b = 0) => around(x, y, a, b)],
  [['cx', 'cy', 'r'], (x = 0, y = 0, r = 0) => around(x, y, r, r)],
];

const around = (x: number, y: number, rx: number, ry: number): Xyxy => [x - rx, y - ry, x + rx, y + ry];

const boundsOf = (points: readonly Point[]): Xyxy => {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
};

/** The fields of an image's row. @throws LabelError */
export function pictureFields(
  { size, shapes, meta }: LabelledPicture,
  path: string,
  reading: LabelReading,
): Row {
  const objects = shapes.flatMap((shape, i) =>
    objectOf(shape, `shapes[${i}]`, { id: String(i + 1), size, ...reading }),
  );
  return { ...labelledFields(path, size, { objects, relations: [] }), ...(meta && { meta }) };
}

/** @throws LabelError */
function objectOf(
  { label, form, at, attributes = {}, confidence, isShare }: Shape,
  place: string,
  { id, size, leave, upright }: LabelReading & { id: string; size: Size | undefined },
): SceneObject[] {
  const isTurned = TURNED_BOXES.test(form);
  if (!isTurned && !BOXES.test(form) && !OUTLINES.test(form)) {
    leave(`shapes of the type ${form}`);
    return [];
  }
  if (label == null || label === '') {
    leave('boxes without a label');
    return [];
  }
  if (OUTLINES.test(form)) leave('outlines');
  let corners: Xyxy | null = cornersOf(form, at, place);
  const degrees = isRecord(at) ? numberAt(at.angle ?? 0, `${place}.angle`) * (180 / Math.PI) : 0;
  if (isTurned && degrees !== 0)
    corners = upright(corners, degrees, [(corners[0] + corners[2]) / 2, (corners[1] + corners[3]) / 2]);
  // Of one that is given by its corners, these are the bounds.
  else if (isTurned && !isRecord(at) && !isUpright(at)) corners = upright(corners, 0, [0, 0]) && corners;
  const box = corners && boxInside(corners, isShare ? { w: 1, h: 1 } : size, leave);
  const texts = Object.entries(attributes).flatMap(([key, value]) => {
    const text = isRecord(value)
      ? Object.keys(value)
          .filter((name) => value[name] === true)
          .join(', ')
      : String(value ?? '');
    return text.trim() === '' ? [] : [[key, text.trim()]];
  });
  return box
    ? [
        {
          id,
          label: textAt(String(label), `${place}.label`),
          box: isShare ? (box.map((share) => Number(share.toFixed(9))) as Xyxy) : box,
          box_format: isShare ? 'xyxy_norm' : 'xyxy_px',
          ...(texts.length > 0 && { attributes: Object.fromEntries(texts) as Record<string, string> }),
          ...(confidence !== undefined && { confidence }),
        },
      ]
    : [];
}

function cornersOf(form: string, at: Shape['at'], place: string): Xyxy {
  if (!isRecord(at)) {
    const points = at.map((point, i) => {
      if (!Array.isArray(point))
        throw new LabelError(`${place}.points[${i}]`, 'A point must be a list of two numbers.');
      return [
        numberAt(point[0], `${place}.points[${i}]`),
        numberAt(point[1], `${place}.points[${i}]`),
      ] as const;
    });
    const [first, second] = points;
    if (!first || !second) throw new LabelError(`${place}.points`, 'The shape has fewer than two points.');
    if (form === 'circle')
      return around(...first, ...twice(Math.hypot(first[0] - second[0], first[1] - second[1])));
    const [x1, y1, x2, y2] = boundsOf(points);
    // The corners of a mask are pixels that it has.
    return form === 'mask' ? [x1, y1, x2 + 1, y2 + 1] : [x1, y1, x2, y2];
  }
  const [xs, ys] = [at.all_points_x, at.all_points_y];
  if (Array.isArray(xs) && Array.isArray(ys))
    return cornersOf(
      form,
      xs.map((x, i) => [x, ys[i]] as Point),
      place,
    );
  const measure = MEASURES.find(([names]) => names.every((name) => at[name] !== undefined));
  if (!measure) throw new LabelError(place, `The shape ${form} has no numbers of a known form.`);
  const [names, corners] = measure;
  return corners(...names.map((name) => numberAt(at[name], `${place}.${name}`)));
}

const twice = (n: number) => [n, n] as const;

/** Whether four corners are those of an upright box. */
const isUpright = (corners: readonly Point[]): boolean =>
  corners.every(([x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length]!;
    return Math.abs(x - nextX) < 1e-6 || Math.abs(y - nextY) < 1e-6;
  });

/** An XML element as an object: of equal names a list, without children its text. */
export function treeOf({ children, text }: XmlTree): unknown {
  if (children.length === 0) return text.trim();
  const tree: Row = {};
  for (const child of children) {
    const before = tree[child.name];
    const value = treeOf(child);
    tree[child.name] =
      before === undefined ? value : [...(Array.isArray(before) ? (before as unknown[]) : [before]), value];
  }
  return tree;
}

interface XmlTree {
  name: string;
  children: XmlTree[];
  text: string;
}

const listOf = (value: unknown): Row[] =>
  (Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []).filter(isRecord);
const named = (row: unknown, ...names: string[]): Row =>
  Object.fromEntries(
    names.flatMap((name) => (isRecord(row) && row[name] != null ? [[name, row[name]]] : [])),
  );

/** Which of the attributes that a person made up for a region is its label: one called so, else the only one. */
function labelAmong(attributes: Row): string | undefined {
  const names = Object.keys(attributes);
  const called = ['label', 'class', 'category', 'name', 'type', 'object'];
  return (
    called.flatMap((name) => names.find((each) => each.toLowerCase() === name) ?? [])[0] ??
    (names.length === 1 ? names[0] : undefined)
  );
}

/** A label and the attributes besides it, of a region of VIA. */
function regionTexts(attributes: unknown): Pick<Shape, 'label' | 'attributes'> {
  const all = isRecord(attributes) ? attributes : {};
  const key = labelAmong(all);
  const { [key ?? '']: label, ...others } = all;
  const text = isRecord(label) ? Object.keys(label).filter((name) => label[name] === true)[0] : label;
  return { label: text, attributes: others };
}

/** A file that is read as a whole, of a format: the beginning by which it is known, and its images. */
interface PlainFormat {
  head: RegExp;
  pictures: (file: Row) => LabelledPicture[];
}

export const PLAIN_FORMATS = {
  /** One image: corners of a rectangle in any order, a centre and a point of a circle, the bounds of a mask. */
  labelme: {
    head: /^\{(?=[^]*"shapes"\s*:\s*\[)(?=[^]*"(?:shape_type|imagePath|imageData)")/,
    pictures: (file) => [
      {
        names: [textAt(file.imagePath, 'imagePath').replaceAll('\\', '/')],
        size: sizeAt(file.imageWidth, file.imageHeight, 'image'),
        data: file.imageData,
        shapes: listOf(file.shapes).map(
          ({ label, shape_type: form, points, flags, description, group_id: group }) => ({
            label,
            form: String(form ?? 'polygon'),
            at: points as Point[],
            attributes: {
              ...(isRecord(flags) &&
                Object.fromEntries(Object.entries(flags).filter(([, isSet]) => isSet === true))),
              description,
              group_id: group,
            },
          }),
        ),
      },
    ],
  },
  /** One image. Corners are as the program writes them: from 1 in the challenge's own files, from 0 in most others. */
  voc: {
    head: /<annotation\b(?!s)/,
    pictures: ({ filename, size, object }) => [
      {
        names: ['', '../JPEGImages/', '../images/'].map((folder) => folder + textAt(filename, 'filename')),
        size: isRecord(size) && Number(size.width) > 0 ? sizeAt(size.width, size.height, 'size.') : undefined,
        shapes: listOf(isRecord(object) ? [object] : object).map((shape) => {
          const form = ['bndbox', 'robndbox', 'polygon'].find((name) => isRecord(shape[name])) ?? 'unknown';
          const told = Object.entries(named(shape, 'pose', 'truncated', 'difficult', 'occluded'));
          return {
            label: shape.name,
            form,
            at: form === 'polygon' ? numberedPoints(shape.polygon as Row) : (shape[form] as Row),
            attributes: Object.fromEntries(
              told.filter(([, text]) => text !== '0' && !/^unspecified$/i.test(String(text))),
            ),
          };
        }),
      },
    ],
  },
  /** A project of VIA 1 or 2, or its annotations alone, or a project of VIA 3. */
  via: {
    head: /^\{\s*"_via_settings"|^\{[^]*"(?:file_attributes|shape_attributes)"\s*:|^\{[^]*"project"\s*:\s*\{\s*"pid"/,
    pictures: (file) =>
      isRecord(file.project)
        ? via3Pictures(file)
        : listOf(file._via_img_metadata ?? file).flatMap((image) => ({
            names: [textAt(image.filename, 'filename')],
            shapes: listOf(image.regions).map(
              ({ shape_attributes: shape, region_attributes: attributes }) => ({
                ...regionTexts(attributes),
                form: isRecord(shape) ? String(shape.name) : 'unknown',
                at: isRecord(shape) ? shape : {},
              }),
            ),
          })),
  },
} satisfies Record<string, PlainFormat>;

/** The files of a project of VIA 3 with the shapes of the views that show one of them. */
function via3Pictures({ file, view, metadata, attribute }: Row): LabelledPicture[] {
  return Object.entries(isRecord(view) ? view : {}).flatMap(([vid, shown]) => {
    const [fid, ...others] =
      isRecord(shown) && Array.isArray(shown.fid_list) ? (shown.fid_list as unknown[]) : [];
    const image = isRecord(file) ? file[String(fid)] : undefined;
    if (!isRecord(image) || others.length > 0) return [];
    const shapes = listOf(metadata).filter((shape) => String(shape.vid) === vid);
    return [
      {
        names: [textAt(image.fname ?? image.src, `file.${String(fid)}.fname`)],
        shapes: shapes.map(({ xy, z, av }) => {
          const [code, ...numbers] = Array.isArray(xy) ? (xy as number[]) : [];
          const form = code === undefined ? 'segment of time' : (VIA3_FORMS[code] ?? String(code));
          return {
            ...regionTexts(isRecord(av) ? valuesOf(av, attribute) : {}),
            form: Array.isArray(z) && z.length > 1 ? 'segment of time' : form,
            at: measured(form, numbers),
          };
        }),
      },
    ];
  });
}

const VIA3_FORMS: Record<number, string> = {
  1: 'point',
  2: 'rect',
  3: 'circle',
  4: 'ellipse',
  5: 'line',
  6: 'polyline',
  7: 'polygon',
  8: 'extreme_rectangle',
  9: 'extreme_circle',
};
const VIA3_NAMES: Record<string, readonly string[]> = {
  rect: ['x', 'y', 'width', 'height'],
  circle: ['cx', 'cy', 'r'],
  ellipse: ['cx', 'cy', 'rx', 'ry'],
};

/** Numbers under the names that a form has for them, else as points. */
function measured(form: string, numbers: readonly number[]): Shape['at'] {
  const names = VIA3_NAMES[form];
  return names ? Object.fromEntries(names.map((name, i) => [name, numbers[i]])) : inPairs(numbers);
}

const inPairs = (numbers: readonly number[]): Point[] =>
  Array.from({ length: numbers.length >> 1 }, (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!]);

/** The points of a polygon as `x1, y1, x2, …`. */
const numberedPoints = (polygon: Row): Point[] =>
  Array.from({ length: Object.keys(polygon).length >> 1 }, (_, i) => [
    Number(polygon[`x${i + 1}`]),
    Number(polygon[`y${i + 1}`]),
  ]);

/** What a person chose for a shape, by the names of the attributes; their options are under numbers. */
function valuesOf(chosen: Row, attributes: unknown): Row {
  return Object.fromEntries(
    Object.entries(chosen).map(([id, value]) => {
      const attribute = isRecord(attributes) ? attributes[id] : undefined;
      const { aname = id, options } = isRecord(attribute) ? attribute : {};
      const option = isRecord(options) ? options[String(value)] : undefined;
      return [String(aname), option ?? value];
    }),
  );
}

/** The shapes in a file of YOLO, a line each: a class with a box, corners of a turned box, or an outline. @throws LabelError */
export function yoloShapes(text: string, names: unknown, points: number): Shape[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line, i): Shape[] => {
    if (line === '') return [];
    const [cls, ...numbers] = line.split(/\s+/).map((token) => numberAt(token, `line ${i + 1}`));
    const label = (names as Row)[String(cls)];
    if (label === undefined) throw new LabelError(`line ${i + 1}`, `The class ${cls} is not in "names".`);
    const shape = { label, isShare: true };
    const isBox = numbers.length === 4 || numbers.length === 5 || numbers.length === 4 + points;
    if (isBox) {
      const [cx, cy, w, h, confidence] = numbers;
      return [
        {
          ...shape,
          form: 'box',
          at: { cx, cy, w, h },
          ...(numbers.length === 5 && { confidence: confidence! }),
        },
      ];
    }
    const corners = inPairs(numbers);
    if (corners.length < 3)
      throw new LabelError(
        `line ${i + 1}`,
        `A box has 4 numbers, and an outline at least 6, not ${numbers.length}.`,
      );
    return [{ ...shape, form: isParallelogram(corners) ? 'oriented_rectangle' : 'polygon', at: corners }];
  });
}

/** Whether four corners are a box that was turned before its numbers became shares of the image. */
const isParallelogram = (corners: readonly Point[]): boolean => {
  const [a, b, c, d] = corners;
  return corners.length === 4 && [0, 1].every((k) => Math.abs(a![k]! + c![k]! - b![k]! - d![k]!) < 2e-3);
};
