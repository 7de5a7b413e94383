import { clampToImage, type Size, type Xyxy } from '../../rows/sample/boxes.ts';

/** Number of columns and rows of tiles on a canvas. */
type Canvas = readonly [columns: number, rows: number];

/** Rule that places an image on a canvas of square tiles, which the model receives one by one. */
export interface TilesRule {
  kind: 'tiles';
  /** Edge length of a tile in model pixels. */
  side: number;
  /** Allowed canvases, or maximum number of tiles; for `longer`, the number of tiles along the longer side. */
  canvases: readonly Canvas[] | number;
  /**
   * Choice of the canvas. `pixels`: preserves the most pixels, then wastes the fewest (LLaVA-NeXT, Llama). `ratio`:
   * closest aspect ratio (InternVL). `cover`: the tiles that the unscaled image covers, otherwise as `ratio` (Phi-4).
   * `longer`: all tiles along the longer side, and as many as needed along the shorter side (SmolVLM).
   */
  choose: 'ratio' | 'pixels' | 'cover' | 'longer';
  /** Whether the image is stretched to the canvas, or scaled to fit: up to the canvas, or at most to one tile. */
  fit: 'stretch' | 'canvas' | 'tile';
  at: 'end' | 'middle';
  rounds: 'down' | 'up';
  /** Whether the model also receives the whole image as one tile; for `first`, as placed on the canvas. */
  whole: 'never' | 'first' | 'last, if tiled';
}

/** Image on a canvas of tiles. All positions are in source pixels, and tiles are in the order of the model. */
export interface Tiled {
  size: Size;
  fill: [number, number, number, number];
  tiles: { place: Xyxy; whole: boolean }[];
  /** Maximum distance between a tile and the nearest tile of the mirror image, in source pixels. */
  shift: number;
}

/** Returns an image of this size on its canvas; null if the processor rejects the size. */
export function tiled(rule: TilesRule, image: Size): Tiled | null {
  const { side, fit, at, whole } = rule;
  const [columns, rows] = canvasFor(rule, image);
  const canvas = { w: columns * side, h: rows * side };
  const size = fit === 'stretch' ? canvas : fitted(rule, image, canvas);
  if (rule.choose === 'cover' && Math.min(size.w, size.h) < LEAST_COVERED) return null;
  const [x, y] = [canvas.w - size.w, canvas.h - size.h];
  const [left, top] = at === 'end' ? [0, 0] : [Math.floor(x / 2), Math.floor(y / 2)];
  const scale = { x: image.w / size.w, y: image.h / size.h };
  const cut: Xyxy[] = Array.from({ length: columns * rows }, (_, i) => {
    const [from, above] = [(i % columns) * side - left, Math.floor(i / columns) * side - top];
    return [from * scale.x, above * scale.y, (from + side) * scale.x, (above + side) * scale.y];
  });
  const parts = cut.map((tile) => ({ place: clampToImage(tile, image), whole: cut.length === 1 }));
  const all: Tiled['tiles'][number] = { place: [0, 0, image.w, image.h], whole: true };
  const tiles =
    whole === 'first'
      ? [all, ...parts]
      : whole === 'last, if tiled' && parts.length > 1
        ? [...parts, all]
        : parts;
  return {
    size,
    fill: [left, top, x - left, y - top],
    tiles: tiles.length > 1 ? tiles : [],
    shift: Math.max(
      apart(cut.slice(0, columns), image.w),
      whole === 'first' ? Math.abs(x - 2 * left) * scale.x : 0,
    ),
  };
}

/** Minimum number of pixels along a side after resizing, for Phi-4. */
const LEAST_COVERED = 10;

function apart(tiles: readonly Xyxy[], width: number): number {
  const mirrored = tiles.map(([x1, , x2]) => [width - x2, width - x1] as const);
  const far = tiles.map(([a, , b]) =>
    Math.min(...mirrored.map(([c, d]) => Math.max(Math.abs(a - c), Math.abs(b - d)))),
  );
  return Math.max(...far);
}

function fitted({ side, fit, rounds }: TilesRule, { w, h }: Size, canvas: Size): Size {
  const most = (x: number, of: number) => (fit === 'canvas' ? of : Math.min(Math.max(x, side), of));
  const [width, height] = [most(w, canvas.w), most(h, canvas.h)];
  const round = rounds === 'up' ? Math.ceil : Math.floor;
  const other = (x: number, scale: number, limit: number) => Math.max(1, Math.min(round(x * scale), limit));
  return width / w < height / h
    ? { w: width, h: other(h, width / w, height) }
    : { w: other(w, height / h, width), h: height };
}

function canvasFor(rule: TilesRule, { w, h }: Size): Canvas {
  const { side, choose, canvases } = rule;
  if (choose === 'longer') {
    const along = canvases as number;
    const exact = Math.floor((along * side) / (Math.max(w, h) / Math.min(w, h)));
    const across = Math.max(1, Math.ceil((exact + (exact % 2)) / side));
    return w >= h ? [along, across] : [across, along];
  }
  const given = typeof canvases === 'number' ? upTo(canvases) : canvases;
  if (choose === 'cover') {
    const covered = [Math.ceil(w / side), Math.ceil(h / side)] as const;
    if (covered[0] * covered[1] <= (canvases as number)) return covered;
  }
  const scaleOf = ([columns, rows]: Canvas) => Math.min((columns * side) / w, (rows * side) / h);
  const area = ([columns, rows]: Canvas) => columns * rows * side * side;
  /** Returns the cost of a canvas as a list of numbers; lower is better. The first number that differs decides. */
  const cost = (canvas: Canvas): number[] => {
    if (choose === 'pixels') {
      const scale = scaleOf(canvas);
      const kept = Math.min(Math.floor(w * scale) * Math.floor(h * scale), w * h);
      return [-kept, area(canvas) - kept];
    }
    const off = Math.abs(w / h - canvas[0] / canvas[1]);
    // Of canvases with equal ratios, the largest one is best if the image has more than half of its pixels.
    return [off, w * h > 0.5 * area(canvas) ? -area(canvas) : area(canvas)];
  };
  return given
    .map((canvas) => ({ canvas, cost: cost(canvas) }))
    .reduce((a, b) => (isLess(b.cost, a.cost) ? b : a)).canvas;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((x, i) => x !== b[i]);
  return at !== -1 && a[at]! < b[at]!;
}

/** Cache of canvases, because the rows of a dataset use the same canvases. */
const listed = new Map<number, readonly Canvas[]>();

/** Returns all canvases with at most `most` tiles, starting with the smallest canvas. */
function upTo(most: number): readonly Canvas[] {
  const canvases = listed.get(most) ?? canvasesOf(most);
  listed.set(most, canvases);
  return canvases;
}

function canvasesOf(most: number): Canvas[] {
  const sides = Array.from({ length: most }, (_, i) => i + 1);
  return sides
    .flatMap((columns) => sides.map((rows): Canvas => [columns, rows]))
    .filter(([columns, rows]) => columns * rows <= most)
    .sort(([a, b], [c, d]) => a * b - c * d);
}
