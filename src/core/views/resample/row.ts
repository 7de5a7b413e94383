import { FRAMES } from '../../read/words/pictures.ts';
import type { Size } from '../../sample/boxes.ts';
import { oppositeHead, verdictOf } from '../../read/verdict.ts';
import { imageSize } from '../../read/coordinates.ts';
import type { RewrittenFields, Sample, ViewVariant } from '../../sample/sample.ts';
import { graphOf } from '../../scene-graph/read.ts';
import { focalOf, warpOf, type Warp } from './warp.ts';
import { writeResample, type Resample } from '../../view-parts.ts';
import { isCut, middleOf, movedFields, placeOf } from './move.ts';
import { defer, discard, refused, type Refusal } from '../view-variant.ts';
import { namedIn, MARGIN, refusedByFrame, refusedByLight } from './refuse.ts';

/*
 * A row whose picture is cropped, bordered, scaled, rolled, panned, grey, or lighter or darker: right or deferred,
 * never wrong (docs/views.md, new pixels).
 */

/** Rewrites a row for a picture with new pixels. */
export function resampleSample(sample: Sample, one: Resample): ViewVariant {
  const { question, answer } = sample;
  const made =
    one.op === 'grey' || one.op === 'light'
      ? (refusedByLight(sample, one.op) ?? { fields: {} })
      : inOtherFrame(sample, one);
  if ('code' in made) return refused(sample, made);
  const { fields, size, recomputed } = made;
  const words = fields.question ?? question;
  const answerText = fields.answer ?? answer;
  return {
    question,
    answer,
    ...fields,
    route: 'rules',
    rules: [],
    image_op: writeResample(one),
    status: words === question && answerText === answer ? 'invariant' : 'flipped',
    checks: { boxes_inside: 'pass' },
    effect: answerText === answer ? 'stays' : 'changes',
    ...(size && { size }),
    ...(recomputed && { recomputed_from: 'graph' as const }),
  };
}

interface Made {
  fields: Partial<RewrittenFields>;
  size?: Size;
  /** Whether the answer was found again from the boxes of the graph. */
  recomputed?: boolean;
}

function inOtherFrame(sample: Sample, one: Resample): Made | Refusal {
  const size = imageSize(sample);
  if (!size) return defer('geometry', "The view needs the picture's width and height.");
  if (sample.images.length > 1) return defer('geometry', 'Several images: it is open which one is meant.');
  const warp = warpOf(one, size, focalOf(sample));
  if (!warp) return defer('no_focal', 'A pan needs the focal length in pixels (meta.focal_px).');
  const refused = refusedByFrame(sample, one, size, warp);
  if (refused) return refused;
  const moved = movedFields(sample, one, size, warp);
  if ('code' in moved) return moved;
  const half = isCut(one) ? inHalf(sample, warp) : null;
  if (half && 'code' in half) return half;
  return {
    fields: { ...moved, ...half },
    ...((warp.size.w !== size.w || warp.size.h !== size.h) && { size: warp.size }),
    ...(half && { recomputed: true }),
  };
}

/** "Is the dog in the left half of the image?", answered again by the box of the one thing that is named. */
function inHalf(sample: Sample, warp: Warp): { answer: string } | Refusal | null {
  const half = FRAMES.half.exec(sample.question)?.[1]?.toLowerCase();
  if (!half) return null;
  const size = imageSize(sample)!;
  const { objects } = namedIn(sample.question, graphOf(sample)?.objects ?? []);
  const verdict = verdictOf(sample.answer);
  const [only] = objects;
  if (!only || objects.length > 1 || !verdict || verdict.explanation.trim() !== '' || sample.reasoning)
    return defer('frame', 'It speaks of a half of the picture, which is another one after the cut.');
  const axis = /left|right/.test(half) ? 0 : 1;
  const first = /left|top|upper/.test(half);
  const middle = middleOf(placeOf(only, size)!);
  /** Yes or no; null where the middle of the thing is near that of the picture. */
  const isThere = ([x, y]: readonly number[], { w, h }: Size): boolean | null => {
    const part = axis === 0 ? x! / w : y! / h;
    return Math.abs(part - 0.5) < MARGIN / 2 ? null : part < 0.5 === first;
  };
  const [before, after] = [isThere(middle, size), isThere(warp.to(middle), warp.size)];
  if (before === null || after === null) return discard('margin', 'It is too close to the middle.');
  if (before !== verdict.value)
    return defer('undecided', 'The answer is not what the box in the graph says.');
  return {
    answer:
      before === after ? sample.answer : sample.answer.replace(/\b(?:yes|no|true|false)\b/i, oppositeHead),
  };
}
