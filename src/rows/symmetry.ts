/**
 * The eight symmetries of a rectangle (D4): image transforms without resampling. Each symmetry is a matrix for points
 * relative to the centre, with x to the right and y down. Group table, directions, geometry and views follow from the
 * matrix, so a new symmetry needs only a line in this table (docs/views.md).
 */

type Matrix = readonly [xx: number, xy: number, yx: number, yy: number];

interface Turn {
  matrix: Matrix;
  label: string;
  /** Name of the view's rows in a sentence. */
  plural: string;
}

const TURNS = {
  original: { matrix: [1, 0, 0, 1], label: 'Original', plural: 'originals' },
  mirror: { matrix: [-1, 0, 0, 1], label: 'Mirror', plural: 'mirrors' },
  'rotate:180': { matrix: [-1, 0, 0, -1], label: 'Half turn', plural: 'half turns' },
  flip: { matrix: [1, 0, 0, -1], label: 'Upside down', plural: 'upside-down images' },
  'rotate:90': { matrix: [0, -1, 1, 0], label: 'Quarter turn', plural: 'quarter turns' },
  'rotate:270': { matrix: [0, 1, -1, 0], label: 'Three-quarter turn', plural: 'three-quarter turns' },
  transpose: { matrix: [0, 1, 1, 0], label: 'Transposed', plural: 'transposed images' },
  antitranspose: { matrix: [0, -1, -1, 0], label: 'Antitransposed', plural: 'antitransposed images' },
} as const satisfies Record<string, Turn>;

/** `rotate:90` rotates by 90° clockwise, `flip` turns the image upside down, and `transpose` exchanges x and y. */
export type Symmetry = keyof typeof TURNS;

export const SYMMETRIES = Object.keys(TURNS) as Symmetry[];

export const namesOf = (symmetry: Symmetry): Omit<Turn, 'matrix'> => ({
  label: TURNS[symmetry].label,
  plural: TURNS[symmetry].plural,
});

export const isSymmetry = (text: unknown): text is Symmetry =>
  typeof text === 'string' && Object.hasOwn(TURNS, text);

/** Returns the symmetry that has the effect of `first` followed by `then`. */
export function composed(first: Symmetry, then: Symmetry): Symmetry {
  const [a, b, c, d] = TURNS[then].matrix;
  const [e, f, g, h] = TURNS[first].matrix;
  const product = [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
  return SYMMETRIES.find((symmetry) => TURNS[symmetry].matrix.every((v, i) => v === product[i]))!;
}

export const inverseOf = (symmetry: Symmetry): Symmetry =>
  SYMMETRIES.find((other) => composed(symmetry, other) === 'original')!;

/** Returns whether a symmetry reverses handedness (own left and right, clockwise, screws): its determinant is −1. */
export function reversesHands(symmetry: Symmetry): boolean {
  const [a, b, c, d] = TURNS[symmetry].matrix;
  return a * d - b * c < 0;
}

/** Decomposes a symmetry into at most three steps: exchanging x and y, then reflecting x, then reflecting y. */
export function stepsOf(symmetry: Symmetry): { exchanges: boolean; turnsX: boolean; turnsY: boolean } {
  const [a, b, c, d] = TURNS[symmetry].matrix;
  return { exchanges: a === 0, turnsX: a + b < 0, turnsY: c + d < 0 };
}

/** Directions along the image's own axes, as unit vectors. */
const DIRECTIONS = { left: [-1, 0], right: [1, 0], above: [0, -1], below: [0, 1] } as const;
export type Direction = keyof typeof DIRECTIONS;

export function directionIn(symmetry: Symmetry, direction: Direction): Direction {
  const [a, b, c, d] = TURNS[symmetry].matrix;
  const [x, y] = DIRECTIONS[direction];
  const [u, v] = [a * x + b * y, c * x + d * y];
  return (Object.keys(DIRECTIONS) as Direction[]).find(
    (key) => DIRECTIONS[key][0] === u && DIRECTIONS[key][1] === v,
  )!;
}

/** Returns the hour, 1–12, that the direction of `hour` o'clock becomes under a symmetry. */
export function hourIn(symmetry: Symmetry, hour: number): number {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  // Exchanging x and y reflects at the line from half past ten to half past four: 9 − h.
  let h = exchanges ? 9 - hour : hour;
  if (turnsX) h = 12 - h;
  if (turnsY) h = 6 - h;
  return (((((h % 12) + 12) % 12) + 11) % 12) + 1;
}

/** Returns the width and height of an image after a symmetry. */
export const sizeIn = <S extends { w: number; h: number }>(symmetry: Symmetry, size: S): S =>
  stepsOf(symmetry).exchanges ? { ...size, w: size.h, h: size.w } : size;

/** Functions that exchange x and y in a value, or reflect the value's x, in an image of a given size. */
interface Steps<T, S> {
  exchange: (value: T) => T;
  reflect: (value: T, size: S | undefined) => T;
}

/**
 * Applies a symmetry to a value by exchanging x and y and reflecting x. In this way, all symmetries keep exact decimals
 * and sorted corners, as the mirror does. `size`: size of the image before the symmetry.
 */
export function turned<T, S extends { w: number; h: number }>(
  value: T,
  symmetry: Symmetry,
  size: S | undefined,
  steps: Steps<T, S>,
): T {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const other = size && { ...size, w: size.h, h: size.w };
  const after = size && sizeIn(symmetry, size);
  let out = exchanges ? steps.exchange(value) : value;
  if (turnsX) out = steps.reflect(out, after);
  if (turnsY) out = steps.exchange(steps.reflect(steps.exchange(out), after === size ? other : size));
  return out;
}

/** Exchanges x and y in a box (four numbers), a point (two numbers), or a list of alternating x and y. */
export const exchanged = <T>(entry: readonly T[]): T[] =>
  entry.map((_, i) => entry[i % 2 === 0 ? i + 1 : i - 1]!);

/**
 * Applies a symmetry to the pixels of an image, as a permutation. Pixel rows are from top to bottom, with three bytes
 * per pixel. For `original`, returns the same image.
 */
export function turnPixels<T extends { width: number; height: number; data: Uint8Array }>(
  picture: T,
  symmetry: Symmetry,
): T {
  if (symmetry === 'original') return picture;
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const { width: w, height: h, data } = picture;
  const [width, height] = exchanges ? [h, w] : [w, h];
  const out = new Uint8Array(data.length);
  if (symmetry === 'flip') {
    const row = 3 * w;
    for (let at = 0; at < data.length; at += row)
      out.set(data.subarray(at, at + row), data.length - at - row);
    return { ...picture, data: out };
  }
  // Offsets in the source, in bytes, for one step to the right and one step down in the result.
  const [right, down] = exchanges ? [3 * w, 3] : [3, 3 * w];
  const [stepX, stepY] = [turnsX ? -right : right, turnsY ? -down : down];
  const first = (turnsX ? (width - 1) * right : 0) + (turnsY ? (height - 1) * down : 0);
  const read = new DataView(data.buffer, data.byteOffset, data.length);
  const words = new Uint32Array(3 * Math.ceil(width / 4));
  const row = new Uint8Array(words.buffer, 0, 3 * width);
  const fours = 3 * Math.floor(width / 4);
  for (let y = 0; y < height; y++) {
    let from = first + y * stepY;
    let to = 0;
    // Four pixels at a time as three words, which is three times as fast. Not in the outer rows, because a word at the
    // image's last pixel would exceed its end.
    if (y > 0 && y < height - 1) {
      for (let i = 0; i < fours; i += 3, from += 4 * stepX) {
        const p = read.getUint32(from, true);
        const q = read.getUint32(from + stepX, true);
        const r = read.getUint32(from + 2 * stepX, true);
        const s = read.getUint32(from + 3 * stepX, true);
        words[i] = (p & 0xffffff) | (q << 24);
        words[i + 1] = ((q >>> 8) & 0xffff) | (r << 16);
        words[i + 2] = ((r >>> 16) & 0xff) | (s << 8);
      }
      to = 4 * fours;
    }
    for (; to < row.length; to += 3, from += stepX) {
      row[to] = data[from]!;
      row[to + 1] = data[from + 1]!;
      row[to + 2] = data[from + 2]!;
    }
    out.set(row, y * row.length);
  }
  return { ...picture, width, height, data: out };
}
