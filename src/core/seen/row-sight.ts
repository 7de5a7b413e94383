import type { Problem } from '../../base/problem.ts';
import { several } from '../../base/format.ts';
import { nameKey, singular } from '../../rows/read/names.ts';
import { splitFormat, toPixels, type BoxFormat, type Size, type Xyxy } from '../../rows/sample/boxes.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { isClip, timesOf, withFewFrames } from '../../rows/sample/clip.ts';
import { clipSeenBy, differsReversed } from './clip-frames.ts';
import { familyOf } from './families.ts';
import { placeText, seenBy, sightOf, type SeenMap, type Sight } from './seen-map.ts';

/** Kinds of visibility, starting with the worst. */
const WORST: readonly Sight[] = ['unseen', 'cut', 'small', 'whole'];

/** Returns the places in a question, in pixels: the row's boxes and points, or named objects of its scene graph. */
export function placesAsked(sample: Sample, size: Size): { name: string; box: Xyxy }[] {
  const { boxes = [], points = [], box_format: format } = sample;
  const placed = (name: string, numbers: readonly number[], of: BoxFormat) => {
    try {
      return [{ name, box: toPixels(numbers, of, size) }];
    } catch (error) {
      // `checkSample` reports coordinates that do not match their format.
      if (error instanceof RangeError) return [];
      throw error;
    }
  };
  const unit = format && splitFormat(format)?.unit;
  const places = unit
    ? [
        ...boxes.flatMap((box, i) => placed(`boxes[${i}]`, box, format)),
        ...points.flatMap((point, i) => placed(`points[${i}]`, point, `point_${unit}`)),
      ]
    : [];
  if (places.length > 0) return places;
  const words = (text: string) => ` ${nameKey(text).split(' ').map(singular).join(' ')} `;
  const question = words([sample.question, ...(sample.choices ?? [])].join(' '));
  return (graphOf(sample)?.objects ?? []).flatMap(
    ({ id, label, box, box_format: own = 'xyxy_px' as const }) =>
      box && question.includes(words(label)) ? placed(id, box, own) : [],
  );
}

/** Returns the worst visibility of the places in a question, with the places that have it; null without places. */
export function sightOfRow(
  sample: Sample,
  size: Size,
  map: SeenMap,
): { sight: Sight; places: { name: string; box: Xyxy }[] } | null {
  const places = placesAsked(sample, size).map((place) => ({ ...place, sight: sightOf(map, place.box) }));
  const sight = WORST.find((each) => places.some((place) => place.sight === each));
  return sight === undefined ? null : { sight, places: places.filter((place) => place.sight === sight) };
}

const SAID: Record<Exclude<Sight, 'whole'>, (map: SeenMap) => string> = {
  unseen: ({ crop }) => `outside the model’s image crop (${placeText(crop)})`,
  cut: ({ crop }) => `cut at the edge of the model’s image crop (${placeText(crop)})`,
  small: ({ patch, size }) =>
    `smaller than ${patch === null ? '8 pixels' : `a patch of ${patch} pixels`} in the model input (${size.w} × ${size.h} pixels)`,
};

/**
 * Warns if a model sees only a part, or hardly any pixels, of the question's places, and if a clip that is sent as a
 * video and its reversal are different frames to the model. Without a size, checks only the clip.
 */
export const checkSight = (sample: Sample, size: Size | undefined, name: string): Problem[] => [
  ...checkPlaces(sample, size, name),
  ...checkReversal(withFewFrames(sample), name),
];

function checkReversal(sample: Sample, name: string): Problem[] {
  const n = sample.images.length;
  const seen = isClip(sample) ? clipSeenBy(familyOf(name), n, timesOf(sample)) : null;
  if (!seen || (seen.taken.length > 0 && !differsReversed(seen.taken, n))) return [];
  const message = `As one video, ${name} receives ${seen.facts.join('; ')}.`;
  const fix = 'Send the frames as images, not as a video (--video).';
  return [{ severity: 'warning', code: 'other-frames', message, fix, path: 'images' }];
}

function checkPlaces(sample: Sample, size: Size | undefined, name: string): Problem[] {
  const map = size && seenBy(familyOf(name), size);
  if (map === null)
    return [
      {
        severity: 'warning',
        code: 'refused',
        message: `${name} refuses images of ${size!.w} × ${size!.h} pixels.`,
      },
    ];
  const { sight, places = [] } = (map && sightOfRow(sample, size, map)) ?? {};
  if (!map || sight === undefined || sight === 'whole') return [];
  const [first] = places;
  const all = places.length === 1 ? first!.name : `${first!.name} and ${several(places.length - 1, 'other')}`;
  const message = `For ${name}, ${all} ${places.length === 1 ? 'is' : 'are'} ${SAID[sight as 'cut'](map)}.`;
  return [
    {
      severity: 'warning',
      code: sight,
      message,
      path: first!.name.includes('[') ? first!.name : 'scene_graph',
    },
  ];
}
