import { type BoxFormat, type Size, isBoxFormat } from '../sample/boxes.ts';
import type { PixelView } from '../view-list.ts';
import { isNatural, isRecord } from '../../base/json.ts';
import { SYMMETRIES } from '../symmetry.ts';

/** Objects in an image, and the relations between them. Fields have the same names as in files (docs/reference.md). */
export interface SceneGraph {
  version: 1;
  image?: Size;
  objects: SceneObject[];
  relations: SceneRelation[];
  frame?: 'viewer';
  source?: 'model' | 'dataset' | 'user';
  view?: PixelView;
  [key: string]: unknown;
}

export interface SceneObject {
  id: string;
  label: string;
  box?: [number, number, number, number];
  box_format?: BoxFormat;
  /** Centre in pixels, or in the unit of `box_format`. */
  centroid?: [number, number];
  /** Depth; a larger depth is farther away. */
  depth?: number;
  depth_unit?: 'm' | 'rel';
  size?: { w?: number; h?: number; d?: number; unit: 'm' };
  count?: number;
  attributes?: Record<string, string> | string[];
  /** Horizontal displacement between two images: −1 to the left, 0 none, 1 to the right. */
  motion?: -1 | 0 | 1;
  facing?: string;
  /** Confidence of the tool that wrote the graph, from 0 to 1. */
  confidence?: number;
  [key: string]: unknown;
}

export interface SceneRelation {
  subject: string;
  predicate: string;
  object: string;
  /** Reference frame for left and right: the image's viewer, the object itself, a named agent, or the compass. */
  frame: 'viewer' | 'object' | 'agent' | 'world' | 'none';
  agent?: string;
  value?: { n: number; unit: string };
  confidence?: number;
  [key: string]: unknown;
}

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value === value.trim();
const numbers = (length: number) => (value: unknown) =>
  Array.isArray(value) && value.length === length && value.every(Number.isFinite);
const oneOf =
  (...allowed: readonly unknown[]) =>
  (value: unknown) =>
    allowed.includes(value);
const listOf = (is: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(is);

/** Returns a check for records that have only these fields. A record with other fields is not in Chirality's form. */
const has =
  (fields: Fields, required: readonly string[]) =>
  (value: unknown): boolean => {
    if (!isRecord(value)) return false;
    for (const key in value) if (!(Object.hasOwn(fields, key) && fields[key]!(value[key]))) return false;
    return required.every((key) => key in value);
  };

const isLength = (value: unknown) => Number.isFinite(value) && (value as number) > 0;

const isObject = has(
  {
    id: isText,
    label: isText,
    box: numbers(4),
    box_format: isBoxFormat,
    centroid: numbers(2),
    depth: Number.isFinite,
    depth_unit: oneOf('m', 'rel'),
    size: has({ w: Number.isFinite, h: Number.isFinite, d: Number.isFinite, unit: oneOf('m') }, ['unit']),
    count: isNatural,
    attributes: (value) =>
      listOf(isText)(value) || (isRecord(value) && Object.values(value).every((text) => isText(text))),
    motion: oneOf(-1, 0, 1),
    facing: (value) => typeof value === 'string',
    confidence: Number.isFinite,
  },
  ['id', 'label'],
);

const isRelation = has(
  {
    subject: isText,
    // In Chirality's form, the words of a predicate are separated by spaces.
    predicate: (value) => isText(value) && !/[_-]|\p{Ll}\p{Lu}/u.test(value),
    object: isText,
    frame: oneOf('viewer', 'object', 'agent', 'world', 'none'),
    agent: isText,
    value: has({ n: Number.isFinite, unit: isText }, ['n', 'unit']),
    confidence: Number.isFinite,
  },
  ['subject', 'predicate', 'object', 'frame'],
);

const isGraph = has(
  {
    version: oneOf(1),
    image: has({ w: isLength, h: isLength }, ['w', 'h']),
    objects: listOf(isObject),
    relations: listOf(isRelation),
    frame: oneOf('viewer'),
    source: oneOf('model', 'dataset', 'user'),
    view: oneOf(...SYMMETRIES),
    complete: (value) => typeof value === 'boolean',
  },
  ['version', 'objects', 'relations'],
);

/**
 * Returns whether a value is a graph in the exact form of docs/reference.md, whose edges contain ids. `readGraph` would
 * return this graph unchanged, but takes a hundred times longer.
 */
export function isOwnForm(value: unknown): value is SceneGraph {
  if (!isGraph(value)) return false;
  const { objects, relations } = value as SceneGraph;
  const ids = new Set(objects.map(({ id }) => id));
  return (
    ids.size === objects.length &&
    relations.every(({ subject, object }) => ids.has(subject) && ids.has(object))
  );
}
