import * as z from 'zod';
import { embeddedFamily, FAMILIES, FAMILY_NAMES, hasBudget } from './families.ts';
import type { SeenRule } from './seen-map.ts';

/** Numbers by name, without those that are null. */
const numbers = z
  .record(z.string(), z.unknown())
  .transform((record) =>
    Object.fromEntries(
      Object.entries(record).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
    ),
  )
  .optional()
  .catch(undefined);
const number = z.number().optional().catch(undefined);
const switched = z.boolean().optional().catch(undefined);
const processorSchema = z
  .object({
    image_processor_type: z.string().optional().catch(undefined),
    size: numbers,
    crop_size: numbers,
    patch_size: number,
    min_pixels: number,
    max_pixels: number,
    max_image_size: numbers,
    max_image_tiles: number,
    max_patches: number,
    dynamic_hd: number,
    image_grid_pinpoints: z.array(z.array(z.number())).optional().catch(undefined),
    crop_to_patches: switched,
    do_image_splitting: switched,
    max_soft_tokens: number,
    max_image_tokens: number,
  })
  // Older files have the limits next to the size.
  .transform(({ size, min_pixels, max_pixels, ...file }) => {
    const limits = {
      ...size,
      ...(min_pixels !== undefined && { shortest_edge: min_pixels }),
      ...(max_pixels !== undefined && { longest_edge: max_pixels }),
    };
    return { ...file, size: Object.keys(limits).length > 0 ? limits : undefined };
  });
type ProcessorFile = z.infer<typeof processorSchema>;

/** Config of a checkpoint of the embedded engine, which has no file of its own for the processor. */
const embeddedSchema = z.object({
  model: z.literal('chirality-embedded'),
  image_size: z.int(),
  patch_size: z.int(),
  fill: z.literal('right').optional(),
});

/** Models whose processor cuts images into tiles, whatever its file contains. */
const TILED_MODELS = ['internvl', 'aya_vision'];

/**
 * Returns the family that matches a processor's class and settings (the content of `preprocessor_config.json`, or a part
 * of `processor_config.json`, or the config of an embedded model), followed by `@` and the maximum number of pixels if
 * that is further limited; null if there is none.
 * @param type of the model, which distinguishes families with one processor: "qwen2_5_vl"
 * @param most maximum number of pixels of the engine; null for no limit
 */
export function familyByProcessor(processor: unknown, type: string, most: number | null): string | null {
  const embedded = embeddedSchema.safeParse(processor).data;
  if (embedded) return embeddedFamily(embedded.image_size, embedded.patch_size, embedded.fill !== undefined);
  const { data: file } = processorSchema.safeParse(processor);
  if (!file) return null;
  const kind = file.image_processor_type?.replace(/(?:Fast|Pil)$/, '');
  const { size = {} } = file;
  // Some processors count the pixels of two frames.
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

const hasNumbers = (rule: SeenRule, file: ProcessorFile): boolean =>
  numbersOf(file).every((number) => (Object.values(rule) as unknown[]).includes(number));

/** Whether a processor cuts images into tiles by the same rule, or neither cuts. */
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
