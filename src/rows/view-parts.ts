import { inverseOf, reversesHands, stepsOf, type Symmetry } from './symmetry.ts';

/* Parts of a view id that contain numbers: orders of images, and operations that compute new pixels. */

/** Another order of a row's images: the frames of a clip, or two images of one place. */
export type Sequence =
  { op: 'reverse' } | { op: 'exchange' } | { op: 'repeat' | 'every' | 'shuffle'; k: number };

const ORDER_FORM = /^(?:(reverse|exchange)|(repeat|every):([2-9]|[1-9]\d)|(shuffle):([1-9]\d{0,8}))$/;

/** Parses a part of a view id as an order of images. Null if the part is no order. */
export function readSequence(text: string): Sequence | null {
  const [, plain, name, k, shuffle, seed] = ORDER_FORM.exec(text) ?? [];
  if (plain) return { op: plain as 'reverse' | 'exchange' };
  if (shuffle) return { op: 'shuffle', k: Number(seed) };
  return name ? { op: name as 'repeat' | 'every', k: Number(k) } : null;
}

/** Returns whether an order shows the same images, each once, from the last to the first. */
export const turnsRound = (sequence?: Sequence): boolean =>
  sequence?.op === 'reverse' || sequence?.op === 'exchange';

export const writeSequence = (sequence: Sequence): string =>
  'k' in sequence ? `${sequence.op}:${sequence.k}` : sequence.op;

/** Operations that compute new pixels, as written in view ids. Their implementation is in pixels.ts. */
export type Resample =
  | { op: 'crop'; box: [x1: number, y1: number, x2: number, y2: number] }
  | { op: 'scale'; by: number }
  | { op: 'light'; by: number }
  | { op: 'roll' | 'pan' | 'slant'; degrees: number }
  | { op: 'pad' }
  | { op: 'grey' };

const NUMBER = '-?\\d+(?:\\.\\d+)?';
const PIXEL_FORM = new RegExp(
  `^(?:(pad):square|(grey)|(scale|light|roll|pan|slant):(${NUMBER})|(crop):((?:${NUMBER},){3}${NUMBER}))$`,
);

/** Parses a part of a view id as an operation. Null for other parts, or for a number out of range. */
export function readResample(text: string): Resample | null {
  const [, pad, grey, name, number, crop, box] = PIXEL_FORM.exec(text) ?? [];
  if (pad) return { op: 'pad' };
  if (grey) return { op: 'grey' };
  if (crop) {
    const [x1, y1, x2, y2] = box!.split(',').map(Number) as [number, number, number, number];
    const inside = 0 <= x1 && x1 < x2 && x2 <= 1 && 0 <= y1 && y1 < y2 && y2 <= 1;
    return inside && x2 - x1 + y2 - y1 < 2 ? { op: 'crop', box: [x1, y1, x2, y2] } : null;
  }
  const value = Number(number);
  if (name === 'roll' || name === 'pan' || name === 'slant')
    return value !== 0 && Math.abs(value) <= 15 ? { op: name, degrees: value } : null;
  if (name === 'scale' || name === 'light')
    return value >= 0.1 && value <= 4 && value !== 1 ? { op: name, by: value } : null;
  return null;
}

export const writeResample = (resample: Resample): string => {
  switch (resample.op) {
    case 'crop':
      return `crop:${resample.box.join(',')}`;
    case 'pad':
      return 'pad:square';
    case 'grey':
      return 'grey';
    default:
      return `${resample.op}:${'degrees' in resample ? resample.degrees : resample.by}`;
  }
};

/** Returns the operation that has, before a symmetry, the same effect as `resample` has after it; null if none has. */
export function beforeTurn(resample: Resample, symmetry: Symmetry): Resample | null {
  const { exchanges, turnsX, turnsY } = stepsOf(inverseOf(symmetry));
  switch (resample.op) {
    case 'crop': {
      const [x1, y1, x2, y2] = resample.box;
      const [[a, b], [c, d]] = exchanges
        ? ([
            [y1, y2],
            [x1, x2],
          ] as const)
        : ([
            [x1, x2],
            [y1, y2],
          ] as const);
      const [left, right] = turnsX ? [rest(b), rest(a)] : [a, b];
      const [top, bottom] = turnsY ? [rest(d), rest(c)] : [c, d];
      return { op: 'crop', box: [left, top, right, bottom] };
    }
    case 'roll':
      return reversesHands(symmetry) ? { ...resample, degrees: -resample.degrees } : resample;
    case 'pan':
    case 'slant':
      return exchanges ? null : turnsX ? { ...resample, degrees: -resample.degrees } : resample;
    default:
      return resample;
  }
}

/** Returns 1 − `part`, rounded to remove floating-point errors. */
const rest = (part: number): number => Number((1 - part).toFixed(12));
