import type { SeenFamily, SeenMap, SeenRule } from './seen-map.ts';
import table from './families.json' with { type: 'json' };

/** Width and height of the images whose maps are kept of each family. */
export const SHAPES = [
  { name: '4:3', w: 640, h: 480 },
  { name: '16:9', w: 1280, h: 720 },
  { name: '2:1', w: 1000, h: 500 },
  { name: '9:16', w: 720, h: 1280 },
  { name: 'odd', w: 437, h: 331 },
] as const;

/** What a processor was measured to do. Made by `test/python/seen.slow.test.ts`, which also compares it. */
export interface MeasuredFamily {
  /** Class in transformers. */
  processor: string;
  /** Settings of published models, where they are not those of the class. */
  published: Record<string, unknown>;
  /** Null if none of our rules does at 40 sizes what was measured: then only a measurement tells. */
  rule: SeenRule | null;
  patch: number | null;
  cell: number | null;
  /** What becomes of images that are opened and not made red, green and blue. */
  modes: Record<'alpha' | 'grey' | 'deep' | 'exif', string>;
  /** Maps of `SHAPES`; null where nothing could be measured. */
  shapes: ((Pick<SeenMap, 'size' | 'crop' | 'fill' | 'shift' | 'reason'> & { tiles: number }) | null)[];
}

/** Versions of the packages that were measured. */
export const MEASURED: Record<string, string> = table.versions;

export const FAMILIES = table.families as unknown as Record<string, MeasuredFamily>;

/** The families with a rule, for images of any size. */
export const FAMILY_NAMES = Object.keys(FAMILIES).filter((name) => FAMILIES[name]!.rule);

/** The rule of a family. @throws RangeError if it is not known, with the families that are */
export function familyOf(name: string): SeenFamily & Pick<MeasuredFamily, 'shapes'> {
  const { rule, ...family } = (Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined) ?? {};
  if (rule) return { ...(family as MeasuredFamily), rule };
  if (rule === null)
    throw new RangeError(
      `The table has no rule for ${name}. Measure the model with \`chirality inspect seen --model\`.`,
    );
  throw new RangeError(`Model family "${name}" is not known. Use one of ${FAMILY_NAMES.join(', ')}.`);
}
