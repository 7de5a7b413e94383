import {
  type BoxFormat,
  clampToImage,
  type Size,
  splitFormat,
  toPixels,
  type Xyxy,
} from '../../rows/sample/boxes.ts';
import { inSource, type SeenMap } from '../seen/seen-map.ts';

/** Four numbers of a box in a text. `shape` is set if the text defines the meaning of the numbers. */
export interface BoxText {
  numbers: [number, number, number, number];
  shape: 'xyxy' | 'xywh' | null;
}

/** Part of a text: a number, a punctuation mark, or a name in lower case. */
type Piece = number | string;

const PIECE =
  /(?<![\p{L}\d_.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?(?![\p{L}\d_])|[\p{L}_][\p{L}\d_]*|[[\](){}<>:=;,|%]/giu;

/**
 * Reads the first box of an answer: axis ranges (`x from 0 to 0.4, y from 0 to 0.3`), four numbers in brackets, two
 * corner pairs as in `<box>(x1,y1),(x2,y2)</box>`, named numbers (x1=…, "width": …), or exactly four numbers.
 */
export function parseBoxText(text: string): BoxText | null {
  const pieces = piecesOf(text);
  const box = (numbers: readonly number[], shape: BoxText['shape'] = null): BoxText => ({
    numbers: numbers as BoxText['numbers'],
    shape,
  });
  const ranges = axisRanges(pieces);
  if (ranges) return box(ranges, 'xyxy');
  const lists = numberLists(pieces);
  for (const [i, list] of lists.entries()) {
    if (list.length === 4) return box(list);
    if (list.length === 2 && lists[i + 1]?.length === 2) return box([...list, ...lists[i + 1]!], 'xyxy');
  }
  const given = namedNumbers(pieces);
  for (const [shape, names] of NAMES) {
    const named = names.map((name) => given[name]).filter((value) => value !== undefined);
    if (named.length === 4) return box(named, shape);
  }
  const numbers = numbersOf(pieces);
  return lists.length === 0 && numbers.length === 4 ? box(numbers) : null;
}

/** Reads all points of an answer: pairs in brackets, otherwise named x and y, otherwise exactly two numbers. */
export function parsePoints(text: string): [number, number][] {
  const pieces = piecesOf(text);
  const pairs = numberLists(pieces).filter((list) => list.length === 2);
  if (pairs.length > 0) return pairs as [number, number][];
  const { x, y } = namedNumbers(pieces);
  if (x !== undefined && y !== undefined) return [[x, y]];
  const numbers = numbersOf(pieces);
  return numbers.length === 2 ? [numbers as [number, number]] : [];
}

/** Tags and tokens for positions whose numbers have a model's own scale. */
const MOLMO = /<points?\b([^<>]*)>(?:[^<>]*<\/points?>)?/gi;
const LOCATION = /(?:<loc(?:_\d+|\d{4})>\s*){2,}/g;
const PATCHES = /<patch_index_(\d{4})>\s*<patch_index_(\d{4})>/g;
/** Number of patches along each side of the image in Kosmos-2. */
const SIDE = 32;

/**
 * Returns the corners of a Kosmos-2 box, as fractions of the image: the corners of the first and the last patch, or the
 * patches' centres if the two patches differ along both axes (`patch_index_to_coordinate` of transformers).
 */
function cornersOf(first: number, last: number): number[] {
  const [x1, y1, x2, y2] = [first % SIDE, Math.floor(first / SIDE), last % SIDE, Math.floor(last / SIDE)];
  const [before, behind] = x1 === x2 || y1 === y2 ? [0, 1] : [0.5, 0.5];
  return [x1 + before, y1 + before, x2 + behind, y2 + behind].map((place) => place / SIDE);
}

/**
 * Rewrites coordinates with a model's own scale as fractions in brackets: Molmo's points in per cent (`<point x="20.0"
 * y="37.5">`), `<loc0123>` in 1024ths with y first, `<loc_123>` in thousandths, and Kosmos-2 patches.
 */
export function scaled(text: string): { text: string; own: Convention | null } {
  if (!/<(?:points?|loc|patch_index)/i.test(text)) return { text, own: null };
  const listed = (numbers: readonly number[], size: number, isSwapped = false) =>
    numbers
      .flatMap((_, i) => (i % size === 0 ? [numbers.slice(i, i + size)] : []))
      .map((place) => (isSwapped ? place.map((_, i) => place[i ^ 1]!) : place))
      .map((place) => `(${place.join(', ')}) `)
      .join('');
  const inBrackets = text
    .replace(MOLMO, (tag, attributes: string) => {
      const at = Array.from(attributes.matchAll(COORDINATE), ([, value]) => Number(value) / 100);
      return at.length < 2 ? tag : listed(at, 2);
    })
    .replace(PATCHES, (_, first: string, last: string) => listed(cornersOf(Number(first), Number(last)), 4))
    .replace(LOCATION, (run) => {
      const isThousandths = run.includes('_');
      const at = (run.match(/\d+/g) ?? []).map((value) => Number(value) / (isThousandths ? 1000 : 1024));
      return listed(at, at.length % 4 === 0 ? 4 : 2, !isThousandths);
    });
  return { text: inBrackets, own: inBrackets === text ? null : { shape: 'xyxy', unit: 'norm' } };
}

const COORDINATE = /\b[xy]\d*\s*=\s*["']?\s*(-?[\d.]+)/g;

/** Meaning of the numbers of a box or point: the order of a box's numbers, and the unit. */
export interface Convention {
  shape: 'xyxy' | 'xywh' | 'cxcywh';
  unit: NonNullable<ReturnType<typeof splitFormat>>['unit'];
  /** Position of the model's input in the image, for coordinates in pixels of that input. */
  seen?: Pick<SeenMap, 'size' | 'crop' | 'fill'>;
}

/**
 * Returns the convention of a `box_format`; formats of points and polygons define only the unit. Without a format, four
 * numbers are corners, as fractions if all are in 0–1, otherwise in pixels.
 */
export function conventionOf(format: BoxFormat | undefined, numbers: readonly number[]): Convention {
  const parts = format && splitFormat(format);
  const isFractions = !format && numbers.length > 0 && numbers.every((n) => n >= 0 && n <= 1);
  return {
    shape: !parts || parts.shape === 'point' ? 'xyxy' : parts.shape,
    unit: parts?.unit ?? (isFractions ? 'norm' : 'px'),
  };
}

/** Box or point in pixels; in fractions of the image if the numbers are relative and the image size is unknown. */
export interface PixelBox {
  box: Xyxy;
  pixels: boolean;
  /** True if the text had the corners of the box in the wrong order. */
  resorted: boolean;
}

/** Converts a box to pixels, sorts its corners and clips it. The shape in the text overrides that of `convention`. */
export function toPixelBox(read: BoxText, convention: Convention, size?: Size): PixelBox {
  const { shape } = read;
  const numbers = convention.seen ? (inSource(convention.seen, read.numbers) as Xyxy) : read.numbers;
  const actual = shape ?? convention.shape;
  const frame = size ?? (convention.unit === 'px' ? undefined : { w: 1, h: 1 });
  const box = toPixels(numbers, `${actual}_${convention.unit}`, frame);
  const [a, b, c, d] = numbers;
  return {
    box: frame ? clampToImage(box, frame) : box,
    pixels: size !== undefined || frame === undefined,
    resorted: actual === 'xyxy' ? a > c || b > d : c < 0 || d < 0,
  };
}

/** Returns the box in an answer, in pixels of an image of this size; null if the answer has no box. */
export function answeredBox(answer: string, format: BoxFormat | undefined, size: Size): Xyxy | null {
  const { text, own } = scaled(answer);
  const read = parseBoxText(text);
  return read && toPixelBox(read, own ?? conventionOf(format, read.numbers), size).box;
}

const piecesOf = (text: string): Piece[] =>
  Array.from(text.replace(/[−–]/g, '-').matchAll(PIECE), ([piece]) =>
    Number.isFinite(Number(piece)) ? Number(piece) : piece.toLowerCase(),
  );

const numbersOf = (pieces: readonly Piece[]): number[] =>
  pieces.filter((piece): piece is number => typeof piece === 'number');

/** Returns the numbers of every bracketed list that contains only numbers. */
function numberLists(pieces: readonly Piece[]): number[][] {
  const lists: number[][] = [];
  let list: number[] | null = null;
  for (const piece of pieces) {
    if (typeof piece === 'number') list?.push(piece);
    else if (piece === '[' || piece === '(') list = [];
    else if (piece !== ',' && piece !== ';') {
      if (list && list.length > 0 && (piece === ']' || piece === ')')) lists.push(list);
      list = null;
    }
  }
  return lists;
}

/** Returns the numbers that follow a name and `=` or `:`, by name; for a repeated name, the first number. */
function namedNumbers(pieces: readonly Piece[]): Partial<Record<string, number>> {
  const named: Partial<Record<string, number>> = {};
  pieces.forEach((name, i) => {
    const [mark, value] = [pieces[i + 1], pieces[i + 2]];
    if (typeof name === 'string' && /^[\p{L}_]/u.test(name) && typeof value === 'number')
      if (mark === '=' || mark === ':') named[name] ??= value;
  });
  return named;
}

const NAMES = (
  'xyxy x1 y1 x2 y2, xyxy xmin ymin xmax ymax, xyxy x_min y_min x_max y_max, xyxy left top right bottom, ' +
  'xywh x y w h, xywh x y width height, xywh left top width height'
)
  .split(', ')
  .map((line) => line.split(' '))
  .map(([shape, ...names]) => [shape as 'xyxy' | 'xywh', names] as const);

/** Returns the corners of a box whose text contains x and y once, each followed by two numbers; otherwise null. */
function axisRanges(pieces: readonly Piece[]): number[] | null {
  const [first = -1, second = -1, ...more] = pieces.flatMap((piece, i) =>
    piece === 'x' || piece === 'y' ? [i] : [],
  );
  if (second < 0 || more.length > 0 || pieces[first] === pieces[second]) return null;
  const [lead, one, other] = [pieces.slice(0, first), pieces.slice(first, second), pieces.slice(second)].map(
    numbersOf,
  ) as [number[], number[], number[]];
  if (lead.length > 0 || one.length !== 2 || other.length !== 2) return null;
  const [x, y] = pieces[first] === 'x' ? [one, other] : [other, one];
  return [x[0]!, y[0]!, x[1]!, y[1]!];
}
