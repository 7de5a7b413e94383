import type { ClipRule } from './clip-frames.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { seenBy, type SeenFamily, type SeenMap, type SeenRule } from './seen-map.ts';
import table from './families.json' with { type: 'json' };

/** Widths and heights of the measured images. The table of families contains the transform of each size. */
export const SHAPES = [
  { name: '4:3', w: 640, h: 480 },
  { name: '16:9', w: 1280, h: 720 },
  { name: '2:1', w: 1000, h: 500 },
  { name: '9:16', w: 720, h: 1280 },
  { name: 'odd', w: 437, h: 331 },
] as const;

/** Measured behaviour of an image processor, which `test/python/seen.slow.test.ts` writes and compares. */
export interface MeasuredFamily {
  /** Name of the processor's class in transformers. */
  processor: string;
  /** Settings of published models, if they differ from the default settings of the processor's class. */
  published: Record<string, unknown>;
  /** Rule for all sizes; null if no rule matches the measurements at 40 sizes, so that other sizes must be measured. */
  rule: SeenRule | null;
  patch: number | null;
  cell: number | null;
  /** Frames of clips that are sent as videos; null if not measured. */
  clip: ClipRule | null;
  /** Treatment of opened images that are not converted to RGB. */
  modes: Record<'alpha' | 'grey' | 'deep' | 'exif', string>;
  /** Transform of each size in `SHAPES`; null if the measurement failed. */
  shapes: ((Pick<SeenMap, 'size' | 'crop' | 'fill' | 'shift' | 'reason'> & { tiles: number }) | null)[];
}

/** Versions of the Python packages whose processors were measured. */
export const MEASURED: Record<string, string> = table.versions;

export const FAMILIES = table.families as unknown as Record<string, MeasuredFamily>;

/** Names of the families that have a rule, which supports images of any size. */
export const FAMILY_NAMES = Object.keys(FAMILIES).filter((name) => FAMILIES[name]!.rule);

/** Whether a rule has a maximum number of pixels. */
export const hasBudget = (rule: SeenRule) =>
  rule.kind === 'grid' || rule.kind === 'budget' || rule.kind === 'align';

/** Family of a model of the embedded engine: sides of its square image and patches, and whether it pads on the right. */
export const embeddedFamily = (side: number, patch: number, fill: boolean): string =>
  `embedded@${side},${patch}${fill ? ',right' : ''}`;

/**
 * Returns the rule of a family. @param name name of the family, with the maximum number of pixels if limited:
 * "qwen2.5-vl@200704"; or a name that `embeddedFamily` returns
 * @throws RangeError for an unknown family; the message lists the known families
 */
export function familyOf(name: string): SeenFamily & Pick<MeasuredFamily, 'shapes' | 'clip'> {
  const [embedded, side, patch, fill] = /^embedded@(\d{1,4}),(\d{1,4})(,right)?$/.exec(name) ?? [];
  if (embedded !== undefined) {
    const [width, cell] = [Number(side), Number(patch)];
    const rule: SeenRule =
      fill === undefined
        ? { kind: 'stretch', width, height: width }
        : { kind: 'square', side: width, least: 1, at: 'end', rounds: 'near' };
    return { rule, patch: cell, cell, shapes: [], clip: null };
  }
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

/** Format of boxes in pixels of the model's input. Only completions can have this format. */
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
