import { subtractDecimals } from '../../base/numbers.ts';
import { fullWidth, mirrorEntry, splitFormat, type BoxFormat, type Size } from '../sample/boxes.ts';
import { declaredSize, type Sample } from '../sample/sample.ts';
import { exchanged, stepsOf, turned, type Symmetry } from '../symmetry.ts';
import type { Edit, Note } from './tokens.ts';
import { COORDINATE_SIGNS } from './words/signs.ts';
import type { ProtectedSpan } from './side-words.ts';

/** Meaning of the numbers in a text: the row's `box_format`, and the size that pixels refer to, if known. */
export interface Coordinates {
  format: BoxFormat | undefined;
  size: Size | undefined;
}

/** Returns the image's size, as declared for the first image or in the scene graph. */
export function imageSize(sample: Sample): Size | undefined {
  return declaredSize(sample.images[0]) ?? declaredSize(sample.scene_graph?.image);
}

/** Returns the size to which x and y refer. Pixel indices end at w − 1; a row with pixel indices must declare them. */
export function coordinateSize(sample: Sample): Size | undefined {
  const size = imageSize(sample);
  return size && sample.meta?.pixel_indices === true ? { ...size, w: size.w - 1, h: size.h - 1 } : size;
}

/** Returns the meaning of the numbers in a row's texts: the row's `box_format`, or what its question requests. */
export const coordinatesOf = (sample: Sample): Coordinates => ({
  format: sample.box_format ?? requestedFormat(sample.question),
  size: coordinateSize(sample),
});

/** Returns the format in a request such as "as tuples (x, y) … between 0 and 1"; undefined without order or unit. */
function requestedFormat(question: string): BoxFormat | undefined {
  const shape = REQUESTED_SHAPE.find(([names]) => names.test(question))?.[1];
  const [unit, ...others] = REQUESTED_UNIT.filter(([range]) => range.test(question));
  return shape && unit && others.length === 0 ? `${shape}_${unit[1]}` : undefined;
}
const REQUESTED_SHAPE = [
  [/[[(] ?x_?1, ?y_?1, ?x_?2, ?y_?2 ?[\])]|[[(] ?x_?min, ?y_?min, ?x_?max, ?y_?max ?[\])]/i, 'xyxy'],
  [/\( ?x_?1?, ?y_?1? ?\)/i, 'point'],
] as const;
const REQUESTED_UNIT = [
  [/\b(?:between|from) 0(?:\.0)? (?:and|to) 1(?:\.0)?(?![\d.])/i, 'norm'],
  [/\b(?:between|from) 0 (?:and|to) 1,?000\b/i, '1000'],
  [/\b(?:absolute|in) pixels?\b(?! values? of)/i, 'px'],
] as const;

interface Placed {
  text: string;
  start: number;
  end: number;
}

const NUMBER = /[-−]?(?:\d+(?:\.\d+)?|\.\d+)/g;

/** Place in the image, as written in a text: x and y, or the corners of a box. */
export interface Place {
  numbers: readonly Placed[];
  format: BoxFormat;
  /** Full range of the place's numbers, if the markup determines the range. */
  full?: number;
}

/** Finds places that need no declared format: Molmo's points in percent, PaliGemma's boxes (y first, 1,024 steps). */
function ownPlaces(text: string): Place[] {
  const points = [...text.matchAll(COORDINATE_SIGNS.molmo)].flatMap((tag) =>
    [...tag[0].matchAll(/\bx\d*="([\d.]+)"\s+y\d*="([\d.]+)"/g)].map((point): Place => {
      const start = tag.index + point.index;
      const numbers = numbersIn(maskNames(text), start, start + point[0].length);
      return { numbers, format: 'point_px', full: 100 };
    }),
  );
  const boxes = [...text.matchAll(COORDINATE_SIGNS.paligemma)].map((box): Place => {
    const [y1, x1, y2, x2] = numbersIn(text, box.index, box.index + box[0].length);
    return { numbers: [x1!, y1!, x2!, y2!], format: 'xyxy_px', full: 1023 };
  });
  const all = [...points, ...boxes];
  return all.every(({ numbers, full }) => numbers.every((number) => Number(number.text) <= full!)) ? all : [];
}

const withoutOwn = (text: string): string =>
  [COORDINATE_SIGNS.molmo, COORDINATE_SIGNS.paligemma].reduce(
    (rest, pattern) => rest.replace(pattern, (tag) => ' '.repeat(tag.length)),
    text,
  );

const numbersIn = (text: string, start: number, end: number): Placed[] =>
  [...text.slice(start, end).matchAll(NUMBER)].map((m) => ({
    text: m[0],
    start: start + m.index,
    end: start + m.index + m[0].length,
  }));

const spansOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((m) => ({ start: m.index, end: m.index + m[0].length }));

/**
 * Finds the coordinates in a text. Without a declared convention or width, or if the numbers do not fit, finds none and
 * adds a note. Notes also report all other text that could be a place.
 */
export function coordinates(
  text: string,
  role: string,
  convention: Coordinates,
  skip: readonly ProtectedSpan[],
): FoundPlaces {
  const { places, notes } = readPlaces(text, role, convention, skip);
  return {
    places,
    notes: notes.length > 0 ? notes : unreadPlace(text, role, convention.format, places, skip),
  };
}

/** Finds text that has the form of a place but that the rules did not read as a place. */
function unreadPlace(
  text: string,
  role: string,
  format: BoxFormat | undefined,
  places: readonly Place[],
  skip: readonly ProtectedSpan[],
): Note[] {
  if (!/\d/.test(text)) return [];
  const { token, keyed, list, bracketed, pair, field, at } = COORDINATE_SIGNS;
  const taken = [...skip, ...places.flatMap(({ numbers }) => numbers)];
  const isListed = format !== undefined && (role === 'answer' || role === 'choice');
  const spans = [
    ...[token, keyed, at].flatMap((pattern) => spansOf(text, pattern)),
    ...spansOf(text, bracketed).filter(({ start, end }) => {
      const inside = text.slice(start, end);
      return pair.test(inside) || field.test(inside);
    }),
    ...(isListed ? spansOf(text, list) : []).filter(
      ({ start, end }) => numbersIn(text, start, end).length === arity(format!, 0),
    ),
  ];
  const open = spans.find((span) => !taken.some(({ start, end }) => start < span.end && span.start < end));
  return open
    ? noted('coordinates.token', `"${text.slice(open.start, open.end)}" might be a position in the image.`, [
        open,
      ]).notes
    : [];
}

/** Reports texts whose names of numbers have another order than the declared format: y first, or other corners. */
export function otherOrder(texts: readonly { text: string }[], { format }: Coordinates): Note[] {
  const shape = format && splitFormat(format)?.shape;
  const isOther = (list: string): boolean => {
    const names = list.toLowerCase().split(/\s*[,;]\s*/);
    const includes = (pattern: RegExp) => names.some((name) => pattern.test(name));
    if (!includes(/^(?:c?x|col)/)) return false;
    const named = includes(/^c[xy]|c$|cent/)
      ? 'cxcywh'
      : includes(/^[wh]/)
        ? 'xywh'
        : names.length === 4
          ? 'xyxy'
          : shape;
    return /^(?:c?y|row)/.test(names[0]!) || named !== shape;
  };
  const differs = texts.some(
    ({ text }) =>
      COORDINATE_SIGNS.yFirst.test(text) || (text.match(COORDINATE_SIGNS.order) ?? []).some(isOther),
  );
  return shape && differs
    ? noted('coordinates.order', `The text names the numbers in a different order than ${format}.`).notes
    : [];
}

function readPlaces(
  text: string,
  role: string,
  { format, size }: Coordinates,
  skip: readonly ProtectedSpan[],
): FoundPlaces {
  const scalar = format?.startsWith('scalar') === true;
  if (!scalar && !/\d/.test(text)) return { places: [], notes: [] };
  const places = ownPlaces(text);
  if (places.length > 0 && !format)
    return { places, notes: readPlaces(withoutOwn(text), role, { format, size }, skip).notes };
  const named = spansOf(text, COORDINATE_SIGNS.named);
  const groups = [...named, ...listsIn(text, format, role)]
    .filter((span) => !skip.some((s) => s.start < span.end && span.start < s.end))
    .map(({ start, end }) => numbersIn(maskNames(text), start, end))
    .filter(
      (g) => g.length > (scalar ? 0 : 1) && !COORDINATE_SIGNS.range.test(g.map((v) => v.text).join(' ')),
    );
  const unread = COORDINATE_SIGNS.other.test(text) && named.length === 0 && !(scalar && role === 'answer');
  if (unread) return noted('coordinates.form', 'The coordinates are not a list.');
  if (groups.length === 0 || format === 'scalar_y_px') return { places: [], notes: [] };
  if (!format) {
    return noted(
      'coordinates.undeclared',
      'Numbers look like coordinates, but box_format is not declared.',
      groups[0],
    );
  }
  const width = fullWidth(format, size);
  if (width === null)
    return noted(
      'coordinates.width',
      `${format} needs the image's width. Add w and h to the image.`,
      groups[0],
    );
  const fits = (group: readonly Placed[]) => fitsFormat(group, groups.length, format, width);
  return {
    places: groups.filter(fits).flatMap((group) => {
      const n = arity(format, group.length);
      return Array.from({ length: group.length / n }, (_, i) => ({
        numbers: group.slice(i * n, (i + 1) * n),
        format,
      }));
    }),
    notes: groups
      .filter((group) => !fits(group))
      .flatMap((group) => noted('coordinates.misfit', `Numbers do not fit ${format}.`, group).notes),
  };
}

interface FoundPlaces {
  places: Place[];
  notes: Note[];
}

function noted(rule: string, message: string, group?: readonly Pick<Placed, 'start' | 'end'>[]): FoundPlaces {
  const place = group && { start: group[0]!.start, end: group.at(-1)!.end };
  return { places: [], notes: [{ level: 'review', rule, message, ...place }] };
}

/** Masks the digits in `x1=`, because they belong to the name `x1`. Keeps the offsets of the text. */
const maskNames = (text: string): string => text.replace(/\b([xy])[12](?=\s*[=:])/gi, '$1_');

/** Finds ranges that contain only numbers. A whole text counts if it is a list, or the number of a scalar answer. */
function listsIn(text: string, format: BoxFormat | undefined, role: string) {
  const spans = [...spansOf(text, COORDINATE_SIGNS.group), ...spansOf(text, COORDINATE_SIGNS.tagged)];
  const whole = { start: 0, end: text.length };
  if (COORDINATE_SIGNS.bare.test(text) && (format !== undefined || role !== 'question')) return [whole];
  return format?.startsWith('scalar') && spans.length === 0 && role === 'answer' ? [whole] : spans;
}

/** Returns the number of numbers in one entry. A polygon is one entry. Key points are single points with names. */
function arity(format: BoxFormat, length: number): number {
  const shape = splitFormat(format)?.shape;
  if (format === 'keypoints_px') return length <= 3 ? length : NaN;
  return shape === 'point' ? 2 : shape ? 4 : format === 'polygon_px' ? length : 1;
}

/** Returns whether a list of numbers consists of whole entries of the format. */
function fitsFormat(group: readonly Placed[], groups: number, format: BoxFormat, width: number): boolean {
  const n = arity(format, group.length);
  const whole = group.length % n === 0 && (n > 1 || groups === 1);
  const pairs = format !== 'polygon_px' || group.length % 2 === 0;
  return whole && pairs && inRange(group, n, format, width);
}

/** Replaces the numbers of a place by its numbers in a view. Numbers with leading zeros keep their number of digits. */
export function mapPlace({ numbers }: Place, map: (texts: string[]) => string[]): Edit[] {
  const texts = map(numbers.map(({ text }) => text));
  return numbers.map(({ start, end, text: from }, i) => {
    const to = from.startsWith('0') && !from.includes('.') ? texts[i]!.padStart(from.length, '0') : texts[i]!;
    return { start, end, from, to, rule: 'coordinates' };
  });
}

/**
 * Transforms a place together with its image. Null if the required image size is unknown, or if a single number would
 * become a different coordinate.
 */
export function turnPlace(place: Place, symmetry: Symmetry, size: Size | undefined): Edit[] | null {
  const { format, full } = place;
  const { exchanges, turnsY } = stepsOf(symmetry);
  const within = full === undefined ? size : { w: full, h: full };
  const isCounted = (splitFormat(format)?.unit ?? 'px') === 'px';
  const isAlone = format.startsWith('scalar') || format === 'keypoints_px';
  if ((isCounted && !within) || (isAlone && (exchanges || turnsY))) return null;
  return mapPlace(place, (texts) =>
    turned(texts, symmetry, within ?? { w: 1, h: 1 }, {
      exchange: exchanged,
      reflect: (entry, frame) =>
        mirrorEntry(entry, format, String(fullWidth(format, frame)), subtractDecimals),
    }),
  );
}

/**
 * Returns whether numbers fit the format: none is negative, and relative numbers and x in pixels are within the width.
 */
function inRange(group: readonly Placed[], n: number, format: BoxFormat, width: number): boolean {
  const pixels = (splitFormat(format)?.unit ?? 'px') === 'px';
  const step = n === 4 || format === 'polygon_px' ? 2 : n;
  return group.every(
    ({ text }, i) => Number(text) >= 0 && (Number(text) <= width || (pixels && i % step !== 0)),
  );
}
