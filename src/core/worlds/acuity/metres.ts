import type { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import type { PairView } from '../../../rows/view-list.ts';
import { lens } from '../camera.ts';
import type { Question, Style } from '../questions/question.ts';
import { ROOM, type WorldOptions } from '../sample-worlds.ts';
import { stillRow } from './ask-block.ts';
import { stillAsks, COMPACT, english } from './axes.ts';
import { atDistance, attempt, BOX_PX, type Stimulus, viewsOf, worldOrNull } from './draw-stimulus.ts';

const FOCAL: [number, number] = [0.95, 1.2];
/** Range of the camera's height in metres. The camera is low and points roughly at the object. */
const HEIGHT: [number, number] = [0.85, 1.05];
const TILT = 0.1;
/** Minimum and maximum size of the object in metres, if the distance allows both. */
const SIZES = { least: 0.25, most: 1.5 };

/** Returns options for rooms around a distance, with fully visible objects of at least 12 pixels. */
function options(style: Style, metres: number, size: Size): WorldOptions {
  if (style === 'compact') return { ...COMPACT, objects: [1, 3] };
  const along = Math.sqrt(Math.max(metres ** 2 - 0.65, 0.3));
  const pitch = Math.atan2(0.65, along);
  const least = Math.max(SIZES.least, (1.05 * BOX_PX * metres) / (FOCAL[0] * size.h));
  const most = Math.max(least, Math.min(SIZES.most, 0.4 * metres));
  return {
    ...english(ROOM),
    objects: [1, 3],
    size: [least, most],
    reach: [0.75 * along, 1.25 * along],
    height: HEIGHT,
    pitch: [pitch - TILT, pitch + TILT],
    focal: FOCAL,
  };
}

/**
 * Draws a scene that contains an object whose centre is at exactly this distance from the camera.
 * @throws RangeError if the scene cannot be shown at this size
 */
export function drawMetres(
  random: Random,
  metres: number,
  { style, size }: { style: Style; size: Size },
): Pick<Stimulus, 'views'> {
  const around = options(style, metres, size);
  const what = `a scene of ${size.w} × ${size.h} pixels with an object ${metres} metres away. Use larger images or other distances`;
  return attempt(what, () => {
    const drawn = worldOrNull(random, around, size);
    const a = drawn && atDistance(lens(drawn.camera, size), drawn.objects[0]!, metres);
    const views = a && viewsOf({ ...drawn, objects: [a, ...drawn.objects.slice(1)] }, size, [0]);
    return views && { views };
  });
}

/** Returns questions about the distance of the first object, in both views. */
export function askMetres(
  { views }: Pick<Stimulus, 'views'>,
  about: { metres: number; block: string; style: Style },
  images: Record<PairView, string>,
) {
  const { metres, block, style } = about;
  return stillAsks({ axis: 'metres', style, form: 'open' }).map((stillAsk) => {
    const { observation } = views[stillAsk.view];
    const question: Question = { family: 'distance', form: 'camera', pole: 0, wording: 0, objects: [0] };
    const row = { question, style, id: `${block}-${stillAsk.view}`, path: images[stillAsk.view] };
    const measured = { axis: 'metres', ...stillAsk, x: Math.log(metres), level: metres, block } as const;
    return stillRow(observation, row, { ...measured, word: 'metres', claim: 1, signs: {} });
  });
}
