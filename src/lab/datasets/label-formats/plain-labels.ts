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

// Formats whose files contain little more than shapes. The table at the end has an entry for each format: location of
// images and shapes, and fields of a shape. XML is read as objects (`treeOf`).

type Row = Record<string, unknown>;

interface Shape {
  label: unknown;
  /** Form of the shape: a name in `FORMS`, or the name in the program's file for other forms. */
  form: string;
  /** Coordinates of the shape: its corners, or the numbers of its form, as a list or by name. */
  at: unknown;
  attributes?: unknown;
  confidence?: number | undefined;
  /** Whether the coordinates are fractions of the image size. */
  isShare?: boolean;
}

/** An image with its shapes. `names` are possible paths; the first existing path is used. */
export interface LabelledPicture {
  names: readonly string[];
  size?: Size | undefined;
  shapes: readonly Shape[];
  /** Encoded image, for a missing image file. */
  data?: unknown;
  meta?: Row;
}

const around = (x: number, y: number, rx: number, ry: number): Xyxy => [x - rx, y - ry, x + rx, y + ry];

/** A form of shapes: names of its numbers, and the bounding box for the numbers. Forms without names have corners. */
interface Form {
  names?: readonly string[];
  box?: (x: number, y: number, a: number, b: number, turn: number) => Xyxy;
  /** Whether the bounding box loses information about the shape. */
  isOutline?: true;
  isTurned?: true;
}

const BOX: Form = { names: ['x', 'y', 'width', 'height'], box: (x, y, w, h) => [x, y, x + w, y + h] };
const CENTRED: Form = { names: ['cx', 'cy', 'w', 'h'], box: (x, y, w, h) => around(x, y, w / 2, h / 2) };
const FORMS: Readonly<Record<string, Form>> = {
  rect: BOX,
  rectangle: {},
  bndbox: { names: ['xmin', 'ymin', 'xmax', 'ymax'], box: (x1, y1, x2, y2) => [x1, y1, x2, y2] },
  centred: CENTRED,
  robndbox: { ...CENTRED, isTurned: true },
  oriented_rectangle: { isTurned: true },
  extreme_rectangle: { isOutline: true },
  polygon: { isOutline: true },
  circle: { names: ['cx', 'cy', 'r'], box: (x, y, r) => around(x, y, r, r), isOutline: true },
  ellipse: {
    names: ['cx', 'cy', 'rx', 'ry', 'theta'],
    box: (x, y, rx, ry, turn) => {
      const [a, b] = [Math.cos(turn), Math.sin(turn)];
      return around(x, y, Math.hypot(rx * a, ry * b), Math.hypot(rx * b, ry * a));
    },
    isOutline: true,
  },
  // Mask corners are the first and last pixels inside the mask.
  mask: { isOutline: true, box: (x1, y1, x2, y2) => [x1, y1, x2 + 1, y2 + 1] },
};

/** Returns the fields of the row about a labelled image. @throws LabelError */
export function pictureFields(
  { size, shapes, meta }: LabelledPicture,
  path: string,
  reading: LabelReading,
): Row {
  const objects = shapes.flatMap((shape, i) => {
    const object = objectOf(shape, `shapes[${i}]`, size, reading);
    return object ? [{ ...object, id: String(i + 1) }] : [];
  });
  return { ...labelledFields(path, size, { objects, relations: [] }), ...(meta && { meta }) };
}

/** Returns the object of a shape. @throws LabelError if the shape is invalid */
function objectOf(
  { label, form: name, at, attributes, confidence, isShare }: Shape,
  place: string,
  size: Size | undefined,
  { leave, upright }: LabelReading,
): SceneObject | null {
  const form = Object.hasOwn(FORMS, name) ? FORMS[name]! : null;
  if (!form || label == null || label === '') {
    leave(form ? 'boxes without a label' : `shapes of the type ${name}`);
    return null;
  }
  if (form.isOutline) leave('outlines');
  const [xs, ys, whole] = placeOf(form, at, place);
  // A box is rotated if it has an angle (in radians), or if its sides are not parallel to the image.
  const angle = isRecord(at) ? numberAt(at.angle ?? 0, `${place}.angle`) : 0;
  const isSlanted = xs.some(
    (x, i) => Math.min(Math.abs(x - xs.at(i - 1)!), Math.abs(ys[i]! - ys.at(i - 1)!)) > 1e-6,
  );
  const centre = [(whole[0] + whole[2]) / 2, (whole[1] + whole[3]) / 2] as const;
  const isKept = !form.isTurned || (angle === 0 && !isSlanted);
  const bounds = isKept ? whole : upright(whole, (angle * 180) / Math.PI, centre);
  // Coordinates that are fractions of the image size are not rounded like pixels.
  const corners = bounds && angle === 0 ? whole : bounds;
  const box = corners && boxInside(corners, isShare ? { w: 1, h: 1 } : size, leave);
  if (!box) return null;
  const texts = Object.entries(isRecord(attributes) ? attributes : {}).flatMap(([key, value]) => {
    const text = chosen(value);
    return text === '' ? [] : [[key, text]];
  });
  return {
    id: '',
    label: textAt(String(label), `${place}.label`),
    box: isShare ? (box.map((share) => Number(share.toFixed(9))) as Xyxy) : box,
    box_format: isShare ? 'xyxy_norm' : 'xyxy_px',
    ...(texts.length > 0 && { attributes: Object.fromEntries(texts) as Record<string, string> }),
    ...(confidence !== undefined && { confidence }),
  };
}

/** Returns the bounds of a shape, and its corners if the shape has any. @throws LabelError */
function placeOf({ names, box }: Form, at: unknown, place: string): [number[], number[], Xyxy] {
  const { all_points_x: allX, all_points_y: allY } = isRecord(at) ? at : {};
  const lists =
    Array.isArray(allX) && Array.isArray(allY) ? [allX, allY] : names ? null : cornersIn(at, place);
  if (lists) {
    const [xs, ys] = lists.map((list) => list.map((n) => numberAt(n, place))) as [number[], number[]];
    if (xs.length < 2 || xs.length !== ys.length)
      throw new LabelError(place, 'The shape has fewer than two points.');
    const bounds: Xyxy = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    return [xs, ys, box && !names ? box(...bounds, 0) : bounds];
  }
  const numbers = names!.map((name, i) => {
    const n = (at as Row | null)?.[Array.isArray(at) ? i : name];
    return numberAt(name === 'theta' ? (n ?? 0) : n, `${place}.${name}`);
  });
  return [[], [], box!(...(numbers as [number, number, number, number, number]))];
}

/** Returns lists of x and y from a list of points or a list of alternating numbers. @throws LabelError */
function cornersIn(at: unknown, place: string): [unknown[], unknown[]] {
  const list = Array.isArray(at) ? at.flat() : [];
  if (list.length % 2 > 0)
    throw new LabelError(place, `Points must be pairs of x and y, not ${list.length} numbers in total.`);
  return [list.filter((_, i) => i % 2 === 0), list.filter((_, i) => i % 2 === 1)];
}

/** Returns a string, or the names with the value true, as in `{"left": true, "top": false}`. */
const chosen = (value: unknown): string =>
  (isRecord(value)
    ? Object.keys(value)
        .filter((name) => value[name] === true)
        .join(', ')
    : String(value ?? '')
  ).trim();

/** Converts an XML element to an object. Repeated names become a list, and a childless element becomes its text. */
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
/** Names of the attribute that contains a region's label in VIA's tutorials. */
const CALLED = ['label', 'class', 'category', 'name', 'type', 'object'];

/** Splits the user-defined attributes of a region into its label (usual name, or only attribute) and the rest. */
function regionTexts(attributes: unknown): Pick<Shape, 'label' | 'attributes'> {
  const all = isRecord(attributes) ? attributes : {};
  const names = Object.keys(all);
  const key = CALLED.flatMap((name) => names.filter((each) => each.toLowerCase() === name))[0];
  const { [key ?? (names.length === 1 ? names[0]! : '')]: label, ...others } = all;
  return { label: chosen(label), attributes: others };
}

/** A format whose files are read as a whole: the beginning that identifies a file, and the function for its images. */
interface PlainFormat {
  head: RegExp;
  pictures: (file: Row) => LabelledPicture[];
}

/** Flags of an object in Pascal VOC files. */
const TOLD = ['pose', 'truncated', 'difficult', 'occluded'];

const flagsOf = (flags: unknown): Row =>
  Object.fromEntries(
    Object.entries(flags ?? {}).map(([name, isSet]) => [name, isSet === true ? 'true' : '']),
  );

/** Returns centre and radius of a circle, which labelme stores as the centre and a point. */
function circleOf(points: unknown): unknown {
  const [x, y, px, py] = Array.isArray(points) ? points.flat().map(Number) : [];
  return [x, y, Math.hypot(x! - px!, y! - py!)];
}

export const PLAIN_FORMATS = {
  /** Format with one image. Rectangles have corners in any order, circles a centre and a point, masks their bounds. */
  labelme: {
    head: /^\{(?=[^]*"shapes"\s*:\s*\[)(?=[^]*"(?:shape_type|imagePath|imageData)")/,
    pictures: (file) => [
      {
        names: [textAt(file.imagePath, 'imagePath').replaceAll('\\', '/')],
        size: sizeAt(file.imageWidth, file.imageHeight, 'image'),
        data: file.imageData,
        shapes: listOf(file.shapes).map(({ label, shape_type: form = 'polygon', points, ...shape }) => ({
          label,
          form: String(form),
          at: form === 'circle' ? circleOf(points) : points,
          attributes: { ...flagsOf(shape.flags), description: shape.description, group_id: shape.group_id },
        })),
      },
    ],
  },
  /** Format with one image. Corners stay as written: from 1 in the challenge's own files, from 0 in most others. */
  voc: {
    head: /<annotation\b(?!s)/,
    pictures: ({ filename, size, object }) => [
      {
        names: ['', '../JPEGImages/', '../images/'].map((folder) => folder + textAt(filename, 'filename')),
        size: isRecord(size) && Number(size.width) > 0 ? sizeAt(size.width, size.height, 'size.') : undefined,
        shapes: listOf(isRecord(object) ? [object] : object).map((shape) => {
          const form = ['bndbox', 'robndbox'].find((name) => isRecord(shape[name])) ?? 'other';
          const told = TOLD.filter(
            (name) => shape[name] !== '0' && !/^unspecified$/i.test(chosen(shape[name])),
          );
          const attributes = Object.fromEntries(told.map((name) => [name, shape[name]]));
          return { label: shape.name, form, at: shape[form], attributes };
        }),
      },
    ],
  },
  /** VIA: a project of VIA 1 or 2, only its annotations, or a project of VIA 3. */
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
                form: chosen(isRecord(shape) && shape.name),
                at: shape,
              }),
            ),
          })),
  },
} satisfies Record<string, PlainFormat>;

/** Reads the files of a VIA 3 project, with the shapes in the views that contain a single file. */
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
          const form = code === undefined ? 'time interval' : (VIA3_FORMS[code - 1] ?? String(code));
          return {
            ...regionTexts(isRecord(av) ? valuesOf(av, attribute) : {}),
            form: Array.isArray(z) && z.length > 1 ? 'time interval' : form,
            at: numbers,
          };
        }),
      },
    ];
  });
}

/** Forms of shapes in VIA 3, where numbers from 1 refer to them. */
const VIA3_FORMS = 'point rect circle ellipse line polyline polygon extreme_rectangle extreme_circle'.split(
  ' ',
);
/** Returns the attribute values of a shape by attribute name. VIA stores chosen options as numbers. */
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

/** Reads the shapes in a YOLO file: lines of a class and a box, rotated box or outline. @throws LabelError */
export function yoloShapes(text: string, names: unknown, points: number): Shape[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line, i): Shape[] => {
    if (line === '') return [];
    const [cls, ...numbers] = line.split(/\s+/).map((token) => numberAt(token, `line ${i + 1}`));
    const label = (names as Row)[String(cls)];
    if (label === undefined) throw new LabelError(`line ${i + 1}`, `The class ${cls} is not in "names".`);
    if ([4, 5, 4 + points].includes(numbers.length)) {
      const confidence = numbers.length === 5 ? numbers[4] : undefined;
      return [{ label, isShare: true, form: 'centred', at: numbers, confidence }];
    }
    if (numbers.length < 6)
      throw new LabelError(
        `line ${i + 1}`,
        `A box has 4 numbers, and an outline at least 6, not ${numbers.length}.`,
      );
    const form = isParallelogram(numbers) ? 'oriented_rectangle' : 'polygon';
    return [{ label, isShare: true, form, at: numbers }];
  });
}

/** Whether four corners, which are fractions of the image size, can be a rotated box. */
const isParallelogram = (n: readonly number[]): boolean =>
  n.length === 8 && [0, 1].every((k) => Math.abs(n[k]! + n[k + 4]! - n[k + 2]! - n[k + 6]!) < 2e-3);
