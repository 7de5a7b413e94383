import type { Size } from '../../rows/sample/boxes.ts';
import { seenBy, type SeenFamily, type SeenMap, type SeenRule } from './seen-map.ts';
import table from './families.json' with { type: 'json' };

/** Width and height of images. The table of families contains the transform of each of these sizes. */
export const SHAPES = [
  { name: '4:3', w: 640, h: 480 },
  { name: '16:9', w: 1280, h: 720 },
  { name: '2:1', w: 1000, h: 500 },
  { name: '9:16', w: 720, h: 1280 },
  { name: 'odd', w: 437, h: 331 },
] as const;

/** Measured behaviour of an image processor, as written and compared by `test/python/seen.slow.test.ts`. */
export interface MeasuredFamily {
  /** Name of the processor's class in transformers. */
  processor: string;
  /** Settings of published models, if they differ from the settings of the class. */
  published: Record<string, unknown>;
  /** Rule for all sizes; null if no rule matches the measurements at 40 sizes, so that other sizes must be measured. */
  rule: SeenRule | null;
  patch: number | null;
  cell: number | null;
  /** Treatment of opened images that are not in RGB. */
  modes: Record<'alpha' | 'grey' | 'deep' | 'exif', string>;
  /** Transform of each size in `SHAPES`; null if the measurement failed. */
  shapes: ((Pick<SeenMap, 'size' | 'crop' | 'fill' | 'shift' | 'reason'> & { tiles: number }) | null)[];
}

/** Versions of the measured packages. */
export const MEASURED: Record<string, string> = table.versions;

export const FAMILIES = table.families as unknown as Record<string, MeasuredFamily>;

/** Names of families with a rule, which supports images of any size. */
export const FAMILY_NAMES = Object.keys(FAMILIES).filter((name) => FAMILIES[name]!.rule);

/** Settings of a processor in a model's folder (`preprocessor_config.json`, or part of `processor_config.json`). */
export interface ProcessorFile {
  image_processor_type?: string | undefined;
  size?: Record<string, number> | undefined;
  crop_size?: Record<string, number> | undefined;
  patch_size?: number | undefined;
  /** Tiles of a tiling processor: edge of a tile, maximum number of tiles, or canvases (height, width). */
  max_image_size?: Record<string, number> | undefined;
  max_image_tiles?: number | undefined;
  max_patches?: number | undefined;
  dynamic_hd?: number | undefined;
  image_grid_pinpoints?: number[][] | undefined;
  /** Whether the processor cuts images into tiles. */
  crop_to_patches?: boolean | undefined;
  do_image_splitting?: boolean | undefined;
  /** Maximum number of tokens per image. */
  max_soft_tokens?: number | undefined;
  max_image_tokens?: number | undefined;
}

/** Models whose processor cuts images into tiles, regardless of the processor's file. */
const TILED_MODELS = ['internvl', 'aya_vision'];

/**
 * Returns the family that matches a processor's class and settings, followed by `@` and the maximum number of pixels if
 * the engine limits it further; null if there is none.
 * @param type type of the model, which distinguishes families with one processor: "qwen2_5_vl"
 * @param most maximum number of pixels of the engine; null for no limit
 */
export function familyByProcessor(file: ProcessorFile, type: string, most: number | null): string | null {
  const kind = file.image_processor_type?.replace(/(?:Fast|Pil)$/, '');
  const { size = {} } = file;
  // Some processors count the pixels of two frames as one image.
  const framesOf = (rule: { min: number }) => [1, 2].find((n) => size.shortest_edge === rule.min * n);
  const names = FAMILY_NAMES.filter((name) => {
    const { processor, published, rule, patch } = FAMILIES[name]!;
    if (processor !== kind || rule === null || (file.patch_size ?? patch) !== patch) return false;
    if (rule.kind === 'budget' || rule.kind === 'align') return true;
    if (!file.size) return Object.keys(published).length === 0;
    if (rule.kind === 'tiles' || kind === 'GotOcr2ImageProcessor') return isTiledAlike(rule, file, type);
    if (rule.kind === 'grid') return framesOf(rule) !== undefined;
    return hasNumbers(rule, file);
  });
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const name = names.find((each) => plain(each) === plain(type)) ?? names[0];
  if (name === undefined) return null;
  const rule = FAMILIES[name]!.rule!;
  if (!hasBudget(rule)) return name;
  const tokens = file.max_soft_tokens ?? file.max_image_tokens;
  const longest =
    rule.kind === 'grid'
      ? Math.min((size.longest_edge ?? Infinity) / (framesOf(rule) ?? 1), most ?? Infinity)
      : (tokens ?? Infinity) * rule.factor ** 2;
  const max = Number.isFinite(longest) ? longest : rule.max;
  return max === rule.max ? name : `${name}@${Math.floor(max)}`;
}

const numbersOf = ({ size = {}, crop_size = {} }: ProcessorFile) => [
  ...Object.values(size),
  ...Object.values(crop_size),
];

/** Whether a rule contains every size in the settings of a processor. */
const hasNumbers = (rule: SeenRule, file: ProcessorFile): boolean =>
  numbersOf(file).every((number) => (Object.values(rule) as unknown[]).includes(number));

/** Whether a processor and a rule both cut images into tiles, or both do not. */
function isTiledAlike(rule: SeenRule, file: ProcessorFile, type: string): boolean {
  const isTiled =
    file.do_image_splitting !== false &&
    (TILED_MODELS.includes(type) ||
      (file.crop_to_patches ?? file.image_processor_type?.startsWith('GotOcr2') !== true));
  if (rule.kind !== 'tiles') return !isTiled && hasNumbers(rule, file);
  const { side, canvases } = rule;
  const most = file.max_image_tiles ?? file.max_patches ?? file.dynamic_hd ?? canvases;
  const edges = Object.values(file.max_image_size ?? {});
  const edgesKnown = rule.choose === 'longer' ? [side * (canvases as number)] : [side];
  const pinpoints = file.image_grid_pinpoints?.map(([h, w]) => `${w! / side} ${h! / side}`);
  return (
    isTiled &&
    numbersOf(file).every((number) => edgesKnown.includes(number)) &&
    edges.every((edge) => edge === side) &&
    (typeof canvases === 'number'
      ? most === canvases
      : pinpoints === undefined || pinpoints.join() === canvases.map((canvas) => canvas.join(' ')).join())
  );
}

/** Whether a rule has a maximum number of pixels. */
const hasBudget = (rule: SeenRule) => rule.kind === 'grid' || rule.kind === 'budget' || rule.kind === 'align';

/**
 * Returns the rule of a family. @param name name of the family, with the maximum number of pixels if limited:
 * "qwen2.5-vl@200704"
 * @throws RangeError for an unknown family, with the known families
 */
export function familyOf(name: string): SeenFamily & Pick<MeasuredFamily, 'shapes'> {
  const [, plain = name, pixels] = /^(.+)@([1-9]\d{0,9})$/.exec(name) ?? [];
  const { rule, ...family } = (Object.hasOwn(FAMILIES, plain) ? FAMILIES[plain] : undefined) ?? {};
  if (rule && pixels === undefined) return { ...(family as MeasuredFamily), rule };
  if (rule && hasBudget(rule)) {
    const max = Number(pixels);
    const least = 'min' in rule ? { min: Math.min(rule.min, max) } : {};
    return { ...(family as MeasuredFamily), rule: { ...rule, max, ...least } };
  }
  if (rule) throw new RangeError(`${plain} does not support a pixel limit. Remove @${pixels}.`);
  if (rule === null)
    throw new RangeError(
      `The table has no rule for ${plain}. Measure the model with \`chirality inspect seen --model\`.`,
    );
  throw new RangeError(`Model family "${name}" is not known. Use one of ${FAMILY_NAMES.join(', ')}.`);
}

/** Convention of boxes in pixels of the model's input. Only completions can use it. */
export const SEEN_FORMAT = 'xyxy_seen_px';

/** Returns the transform of an image in a family; null for an unknown family or a size that the processor rejects. */
export function seenByName(name: string, size: Size): SeenMap | null {
  try {
    return seenBy(familyOf(name), size);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
