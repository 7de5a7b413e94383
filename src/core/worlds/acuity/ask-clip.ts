import { MIRROR, ORIGINAL, type PairView } from '../../../rows/view-list.ts';
import { movingForRow } from '../motion/moving-scene.ts';
import { askMotion } from '../motion/questions/ask-motion.ts';
import type { MotionQuestion } from '../motion/questions/motion-question.ts';
import type { Style } from '../questions/question.ts';
import { ACUITY, type AcuityForm, clipAsks, type ClipView, levelToX, namesPoles } from './axes.ts';
import { type AcuityMeta, type AcuityRow, placesOf, sign } from './ask-block.ts';
import { A, B, type ClipStimulus } from './draw-clip.ts';
import { AXIS_WORDS, type ClipAxis, TIME_HABITS } from './acuity-axes.ts';

/** Returns `mirror` −1 for a mirrored view, and `time` −1 for a reversed view; 1 for all other views. */
const turnsOf = (view: ClipView) => ({
  mirror: view.startsWith('mirror') ? -1 : 1,
  time: view.endsWith('reverse') ? -1 : 1,
});

/**
 * Returns all questions about a clip: original, mirrored, reversed, or both; A or B named first; either pole.
 * @param images paths of the frames of original and mirror, in frame order
 */
export function askClip(
  stimulus: ClipStimulus,
  about: { axis: ClipAxis; level: number; block: string; form: AcuityForm; style: Style; quick?: true },
  images: Record<PairView, readonly string[]>,
): AcuityRow[] {
  const { axis, level, block, form, style } = about;
  const { pole: positive } = ACUITY[axis];
  const { positive: toPositive, negative: toNegative } = AXIS_WORDS[axis];
  const [family, name] = ACUITY[axis].forms[style]![form]!;
  const asks = clipAsks(about);
  const hasOrders = asks.some(({ order }) => order === 'B first');
  return asks.map((ask) => {
    const clip = stimulus.clips[ask.view];
    const { id, objects: both, named, pole } = placesOf(ask, block, [A, B], positive);
    const objects = axis === 'motion' ? [A] : both;
    const question: MotionQuestion = { family, form: name, pole: ask.pole, objects };
    const { mirror, time } = turnsOf(ask.view);
    const frames = images[mirror < 0 ? MIRROR : ORIGINAL];
    const paths = time < 0 ? frames.toReversed() : frames;
    const sample = askMotion(clip, question, style, { id, paths });
    // A mirror reverses motion. A reversal reverses motion and order. Neither changes which object is faster.
    const turned = axis === 'motion' ? mirror * time : axis === 'order' ? time : 1;
    // Sign that the reference answer claims for the first object in the question. If x is 0, rounding decides.
    const says =
      form === 'yesno'
        ? /^yes/i.test(sample.answer) === (pole === 1)
        : axis === 'motion'
          ? sample.answer.endsWith(toPositive)
          : (sample.answer === sample.choices![0]) === (pole === 1);
    const onRight = mirror * stimulus.side;
    const claim = sign(turned * named * (says ? 1 : -1));
    const signs: AcuityMeta['signs'] = {
      ...(form === 'yesno' && { yes: sign(turned * named * pole) }),
      ...(form === 'choice' && namesPoles(about) && { 'the first': sign(turned * named * pole) }),
      ...(axis === 'motion'
        ? { [toPositive]: sign(turned) }
        : {
            // If the order of names does not change this bias, the questions cannot separate it from perception.
            ...(form === 'yesno' && hasOrders && { [`first is ${toPositive}`]: sign(turned * named) }),
            // An observer with a side bias calls the object on the right faster, or always selects that object.
            'what is on the right': sign(turned * onRight * (form === 'yesno' ? 1 : pole)),
          }),
      [TIME_HABITS[axis]]: sign(turned * (axis === 'speed' ? mirror * time * stimulus.way : onRight)),
    };
    const word =
      form === 'choice' && axis === 'motion'
        ? `${toPositive} or ${toNegative}`
        : pole === 1
          ? toPositive
          : toNegative;
    const acuity: AcuityMeta = { axis, ...ask, x: levelToX(axis, level), level, block, word, claim, signs };
    const world = movingForRow({ moving: clip.moving, question, style });
    return { sample: { ...sample, meta: { ...sample.meta, world, acuity } }, acuity };
  });
}
