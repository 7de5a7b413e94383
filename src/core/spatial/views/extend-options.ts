import { toPixels, splitFormat } from '../boxes.ts';
import { nameKey, withoutArticle } from '../language/names.ts';
import { imageSize } from '../mirror/rewrite.ts';
import type { Sample, ViewVariant } from '../sample.ts';
import { graphOf } from '../scene-graph/read.ts';
import { unworded, worded } from './relation.ts';

/** "Is the cup left or right of the jug?" */
const MENU =
  /^((?:in the image,\s*)?(?:is|are)\s+)(the [\p{L}\p{N} -]+?)(\s+)(?:to |on )?(?:the )?(left|right)(?: of)? or (?:to |on )?(?:the )?(left|right) of\s+(the [\p{L}\p{N} -]+?)\s*\?\s*$/iu;

type Extent = readonly [top: number, bottom: number];

/**
 * Adds a direction to a menu of sides that the boxes prove false: of two things side by side, neither is above the
 * other. The answer stays, but a model that does not look may be distracted.
 */
export function extendOptions(sample: Sample): ViewVariant {
  const { question, choices, reasoning } = sample;
  const match = MENU.exec(question);
  if (!match || match[4]!.toLowerCase() === match[5]!.toLowerCase())
    return unworded(sample, 'no_options', 'It has no menu of sides that the rules extend.');
  if (choices || reasoning)
    return unworded(sample, 'no_options', 'Its choices or its reasoning repeat the menu.');
  const [, lead, one, space, first, second, two] = match as unknown as string[];
  const extents = extentsOf(sample, one!, two!);
  if (!extents) return unworded(sample, 'no_boxes', 'No boxes of both things prove another direction false.');
  const [[top, bottom], [otherTop, otherBottom]] = extents;
  const shared = Math.min(bottom, otherBottom) - Math.max(top, otherTop);
  if (shared < 0.5 * Math.min(bottom - top, otherBottom - otherTop))
    return unworded(sample, 'margin', 'One of the two may be called below the other.', 'discard');
  return worded(sample, 'extend', {
    question: `${lead}${one}${space}${first} of, ${second} of or below ${two}?`,
  });
}

/** The vertical extents of two things: found by their names in the graph, else from the row's only two boxes. */
function extentsOf(sample: Sample, one: string, two: string): [Extent, Extent] | null {
  const graph = sample.scene_graph && graphOf(sample);
  const key = (name: string) => nameKey(withoutArticle(name));
  if (graph) {
    const named = [one, two].map((name) => graph.objects.filter(({ label }) => key(label) === key(name)));
    const found = named.flatMap((list) => {
      const { box, box_format } = list[0] ?? {};
      return list.length === 1 && box ? [extent(box, box_format ?? 'xyxy_px', sample)] : [];
    });
    if (found.length === 2 && !found.includes(null)) return found as [Extent, Extent];
  }
  const { boxes, box_format: format } = sample;
  if (boxes?.length !== 2 || !format) return null;
  const found = boxes.map((box) => extent(box, format, sample));
  return found.includes(null) ? null : (found as [Extent, Extent]);
}

function extent(
  box: readonly number[],
  format: NonNullable<Sample['box_format']>,
  sample: Sample,
): Extent | null {
  if (!splitFormat(format) || format.startsWith('point')) return null;
  try {
    const [, top, , bottom] = toPixels(box, format, imageSize(sample) ?? { w: 1, h: 1 });
    return [top, bottom];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
