import { firstIn } from '../../base/numbers.ts';
import { clampToImage, type Size, type Xyxy } from '../../rows/sample/boxes.ts';
import { several } from '../../base/format.ts';
import { tiled, type TilesRule } from './tiling.ts';

/**
 * Transform from an image to the model's input: the part `crop` of the image is stretched to `size`, then padded. All
 * positions are in source pixels, from the upper left corner of the image.
 */
export interface SeenMap {
  /** Size of the model's input in model pixels, without padding. */
  size: Size;
  /** Part of the image that the model receives, in source pixels. */
  crop: Xyxy;
  /** Padding in model pixels: left, above, right, below. */
  fill: [number, number, number, number];
  /** Parts of the image that the model receives as separate images, in model order; empty for a single image. */
  tiles: { place: Xyxy; whole: boolean }[];
  /** Maximum distance between the input from the mirror image and the mirrored input, in source pixels; 0 if equal. */
  shift: number;
  reason: 'crop' | 'fill' | null;
  /** Edge length of a patch in model pixels; null if unknown. */
  patch: number | null;
  tokens: number | null;
}

/** Rule by which an image processor resizes images. */
export type SeenRule =
  /** Stretches images of any aspect ratio to one size. */
  | { kind: 'stretch'; width: number; height: number }
  /** Scales the shorter side to `short`, then crops `side` × `side` at the centre. `rounds`: for the longer side. */
  | { kind: 'crop'; short: number; side: number; rounds: 'down' | 'near' }
  /**
   * Each side to a multiple of `factor`, with `min` to `max` pixels in total. `grows`: sides below `factor` are first
   * scaled up to it. `shared`: the pixels are those of all frames of a clip, which are read in groups of this number.
   */
  | { kind: 'grid'; factor: number; min: number; max: number; grows: boolean; shared?: number }
  /** The maximum number of pixels up to `max`, with each side rounded down to a multiple of `factor` (Gemma 4). */
  | { kind: 'budget'; factor: number; max: number }
  /**
   * Pads on the right and below to multiples of `factor`. Scales only if the padded image is outside `min` to `max`
   * pixels (GLM-5).
   */
  | { kind: 'align'; factor: number; min: number; max: number }
  | TilesRule
  /**
   * Pads on the right and below to a multiple of `factor`. Scales down only above `max` whole patches, or above `side`
   * patches along a side; null for no limit. `always`: also pads a width that is a multiple.
   */
  | {
      kind: 'fill';
      factor: number;
      patch: number;
      max: number | null;
      side: number | null;
      always?: true;
    }
  /** Scales the longer side to at most `longest`, then each side to at least `least` and a multiple of `factor`. */
  | { kind: 'limit'; longest: number; least: number; factor: number }
  /** Scales the longer side to `side` and the shorter one to at least `least`, then pads to a square. */
  | {
      kind: 'square';
      side: number;
      least: number;
      at: 'end' | 'middle';
      rounds: 'down' | 'near';
    };

/** Rule of a model family, and edge lengths of its patches and of the cells that become tokens. */
export interface SeenFamily {
  rule: SeenRule;
  patch: number | null;
  /** Edge length of the cell of a token, in model pixels; null if tokens have no position in the image. */
  cell: number | null;
}

/** Returns how a model family transforms an image, or each of the `frames` of a clip; null for a rejected size. */
export function seenBy({ rule, patch, cell }: SeenFamily, { w, h }: Size, frames = 1): SeenMap | null {
  const plain = placed(rule, { w, h }, frames);
  if (!plain) return null;
  const { size, crop, fill, tiles = [] } = plain;
  const scale = (crop[2] - crop[0]) / size.w;
  const apart = plain.shift ?? Math.max(Math.abs(crop[0] + crop[2] - w), Math.abs(fill[0] - fill[2]) * scale);
  const shift = apart < 1e-9 ? 0 : apart;
  return {
    ...plain,
    tiles,
    shift,
    reason: shift === 0 ? null : fill[0] === fill[2] ? 'crop' : 'fill',
    patch,
    tokens: tokensOf(plain, cell),
  };
}

/** Returns the number of tokens of an image, including its padding; null if tokens have no image position. */
export function tokensOf({ size, fill }: Pick<SeenMap, 'size' | 'fill'>, cell: number | null): number | null {
  if (cell === null) return null;
  return Math.ceil((size.w + fill[0] + fill[2]) / cell) * Math.ceil((size.h + fill[1] + fill[3]) / cell);
}

type Placed = Pick<SeenMap, 'size' | 'crop' | 'fill'> & Partial<Pick<SeenMap, 'tiles' | 'shift'>>;

function placed(rule: SeenRule, { w, h }: Size, frames: number): Placed | null {
  const whole: Xyxy = [0, 0, w, h];
  const none: Placed['fill'] = [0, 0, 0, 0];
  switch (rule.kind) {
    case 'stretch':
      return { size: { w: rule.width, h: rule.height }, crop: whole, fill: none };
    case 'crop': {
      const { short, side, rounds } = rule;
      const least = Math.min(w, h);
      const scaled = (x: number) =>
        x === least ? short : rounds === 'down' ? Math.floor((short * x) / least) : even((short * x) / least);
      const [from, to] = [w, h].map((x) => {
        const all = scaled(x);
        const start = Math.floor((all - side) / 2);
        return [(start * x) / all, ((start + side) * x) / all] as const;
      }) as [readonly [number, number], readonly [number, number]];
      return { size: { w: side, h: side }, crop: [from[0], to[0], from[1], to[1]], fill: none };
    }
    case 'grid': {
      const size = onGrid(rule, { w, h }, frames);
      return size && { size, crop: whole, fill: none };
    }
    case 'budget': {
      const size = inBudget(rule, { w, h });
      return size && { size, crop: whole, fill: none };
    }
    case 'align': {
      const canvas = aligned(rule, { w, h });
      const fits = Math.min(canvas.w / w, canvas.h / h);
      const scale = w * h < rule.min ? fits : Math.min(1, fits);
      const to = (x: number, most: number) => Math.max(1, Math.min(most, Math.floor(x * scale)));
      const size = { w: to(w, canvas.w), h: to(h, canvas.h) };
      return { size, crop: whole, fill: [0, 0, canvas.w - size.w, canvas.h - size.h] };
    }
    case 'tiles': {
      const canvas = tiled(rule, { w, h });
      return canvas && { ...canvas, crop: whole };
    }
    case 'fill': {
      const { factor, patch, max, side, always = false } = rule;
      const patches = Math.max(1, Math.floor(w / patch)) * Math.max(1, Math.floor(h / patch));
      const most = [
        Math.sqrt((max ?? Infinity) / patches),
        ...[w, h].map((x) => ((side ?? Infinity) * patch) / x),
      ];
      const scale = Math.min(1, ...most);
      const size = { w: Math.max(1, Math.floor(w * scale)), h: Math.max(1, Math.floor(h * scale)) };
      const rest = (x: number) => (factor - (x % factor)) % factor;
      const right = rest(size.w) || (always ? factor : 0);
      return { size, crop: whole, fill: [0, 0, right, rest(size.h)] };
    }
    case 'limit': {
      const { longest, least, factor } = rule;
      const most = Math.max(w, h);
      const scaled = (x: number) =>
        x === most ? Math.min(most, longest) : Math.floor(x * Math.min(1, longest / most));
      const to = (x: number) => Math.ceil(Math.max(scaled(x), least) / factor) * factor;
      return { size: { w: to(w), h: to(h) }, crop: whole, fill: none };
    }
    case 'square': {
      const { side, least, at, rounds } = rule;
      const scale = side / Math.max(w, h);
      const rounded = rounds === 'down' ? Math.floor : even;
      const short = Math.max(rounded(Math.min(w, h) * scale), least);
      const size = w >= h ? { w: side, h: short } : { w: short, h: side };
      const [x, y] = [side - size.w, side - size.h];
      const [left, top] = at === 'end' ? [0, 0] : [Math.floor(x / 2), Math.floor(y / 2)];
      return { size, crop: whole, fill: [left, top, x - left, y - top] };
    }
  }
}

/** Maximum ratio between the longer and the shorter side of an image. */
const RATIO = 200;

/** Returns the size on a grid, as `smart_resize` of Qwen2-VL and, for clips, of Qwen3-VL. */
function onGrid(
  { factor, min, max, grows, shared }: SeenRule & { kind: 'grid' },
  size: Size,
  frames: number,
): Size | null {
  let { w, h } = size;
  const [n, grouped] = shared ? [frames, even(frames / shared) * shared] : [1, 1];
  if (grows && (w < factor || h < factor)) {
    const scale = Math.max(factor / w, factor / h);
    [w, h] = [Math.floor(w * scale), Math.floor(h * scale)];
  }
  if (Math.max(w, h) / Math.min(w, h) > RATIO || n < (shared ?? 1)) return null;
  const rounded = { w: even(w / factor) * factor, h: even(h / factor) * factor };
  const pixels = grouped * rounded.w * rounded.h;
  if (pixels >= min && pixels <= max) return rounded;
  const beta = pixels > max ? Math.sqrt((n * w * h) / max) : Math.sqrt(min / (n * w * h));
  const down = (x: number) => Math.max(factor, Math.floor(x / beta / factor) * factor);
  const up = (x: number) => Math.ceil((x * beta) / factor) * factor;
  return pixels > max ? { w: down(w), h: down(h) } : { w: up(w), h: up(h) };
}

/** Returns the size of an image within a pixel budget, as `get_aspect_ratio_preserving_size` of Gemma 4 does. */
function inBudget({ factor, max }: SeenRule & { kind: 'budget' }, { w, h }: Size): Size | null {
  const scale = Math.sqrt(max / (w * h));
  const down = (x: number) => Math.floor((x * scale) / factor) * factor;
  const size = { w: down(w), h: down(h) };
  if (size.w > 0 && size.h > 0) return size;
  const longer = Math.min(
    Math.floor(Math.max(w, h) / Math.min(w, h)) * factor,
    Math.floor(max / factor ** 2) * factor,
  );
  return w > h ? { w: longer, h: factor } : { w: factor, h: longer };
}

/** Returns the canvas size of an image, as `smart_resize` of GLM-5 does. */
function aligned({ factor, min, max }: SeenRule & { kind: 'align' }, { w, h }: Size): Size {
  const up = (x: number) => Math.ceil(Math.max(1, x) / factor) * factor;
  const area = (size: Size) => size.w * size.h;
  const plain = { w: up(w), h: up(h) };
  const grown = Math.sqrt(min / (w * h));
  const canvas = area(plain) < min ? { w: up(w * grown), h: up(h * grown) } : plain;
  if (area(canvas) <= max) return canvas;
  const at = (height: number) => ({ w: up(Math.floor((w * height) / h)), h: up(height) });
  return at(firstIn(2, h + 1, (height) => area(at(height)) > max) - 1);
}

/** Rounds to the nearest integer, halves to the even one, as in Python. */
export const even = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** Returns the share of an image that is cropped, 0–1. Measured crops can exceed the image by less than a pixel. */
export const lostOf = ({ crop }: Pick<SeenMap, 'crop'>, { w, h }: Size): number =>
  Math.max(0, 1 - ((crop[2] - crop[0]) * (crop[3] - crop[1])) / (w * h));

/** Converts coordinates x, y, x, y, … from model pixels, including padding, to source pixels. */
export function inSource(
  { size, crop, fill }: Pick<SeenMap, 'size' | 'crop' | 'fill'>,
  numbers: number[],
): number[] {
  const [x1, y1, x2, y2] = crop;
  const [x, y] = [(x2 - x1) / size.w, (y2 - y1) / size.h];
  return numbers.map((number, i) =>
    i % 2 === 0 ? x1 + (number - fill[0]) * x : y1 + (number - fill[1]) * y,
  );
}

export const SIDES = ['left', 'above', 'right', 'below'] as const;

/** Formats the padding: "16 pixels right, 4 pixels below"; empty without padding. */
const fillerText = ({ fill }: Pick<SeenMap, 'fill'>): string =>
  fill.flatMap((n, i) => (n > 0 ? [`${n} pixels ${SIDES[i]!}`] : [])).join(', ');

/** Formats a box: "x 80–560, y 0–480". */
export const placeText = ([x1, y1, x2, y2]: Xyxy): string => {
  const place = (from: number, to: number) => `${Math.round(from)}–${Math.round(to)}`;
  return `x ${place(x1, x2)}, y ${place(y1, y2)}`;
};

/** Formats the tiles: "4 tiles and the whole image"; "none" for a single image. */
function tilesText({ tiles }: Pick<SeenMap, 'tiles'>): string {
  const parts = tiles.filter(({ whole }) => !whole).length;
  if (parts === 0) return tiles.length === 0 ? 'none' : 'the whole image twice';
  return `${several(parts, 'tile')}${tiles.length > parts ? ' and the whole image' : ''}`;
}

/** Returns texts about a transform: cropped share, visible part, tiles, and padding (empty without padding). */
export const seenFacts = (map: SeenMap, size: Size) => ({
  lost: lostOf(map, size),
  crop: placeText(map.crop),
  tiles: tilesText(map),
  filler: fillerText(map),
});

export type Sight = 'whole' | 'cut' | 'unseen' | 'small';

/** Minimum size of a visible object along its longer side, in model pixels, for an unknown patch size. */
export const LEAST_PIXELS = 8;

/**
 * Returns the visibility of a box: outside the crop, cut by the crop, smaller than a patch on both sides, or whole. A
 * point is either visible or not. @param box box in source pixels
 */
export function sightOf({ crop, size, patch }: SeenMap, box: Xyxy): Sight {
  const [x1, y1, x2, y2] = box;
  const isPoint = x1 === x2 && y1 === y2;
  const seen = clampToImage([x1 - crop[0], y1 - crop[1], x2 - crop[0], y2 - crop[1]], {
    w: crop[2] - crop[0],
    h: crop[3] - crop[1],
  });
  const [w, h] = [seen[2] - seen[0], seen[3] - seen[1]];
  if (isPoint) return x1 >= crop[0] && x1 <= crop[2] && y1 >= crop[1] && y1 <= crop[3] ? 'whole' : 'unseen';
  if (w <= 0 || h <= 0) return 'unseen';
  const scale = { x: size.w / (crop[2] - crop[0]), y: size.h / (crop[3] - crop[1]) };
  // A cut of less than half a model pixel does not count.
  if (w * scale.x < (x2 - x1) * scale.x - 0.5 || h * scale.y < (y2 - y1) * scale.y - 0.5) return 'cut';
  return Math.max(w * scale.x, h * scale.y) < (patch ?? LEAST_PIXELS) ? 'small' : 'whole';
}
